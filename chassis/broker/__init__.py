"""What an operator makes and looks at on RabbitMQ, by its management API: `motcua bus`."""
