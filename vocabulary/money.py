"""Money is integer VND: there is nothing smaller in use."""


def vnd(amount: int) -> str:
    """As written in Viet Nam: `135.000 đ`."""
    return f"{amount:,}".replace(",", ".") + " đ"
