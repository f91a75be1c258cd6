"""What identity leans on outside its own rules: the operators' register, password hashing, drawing."""
