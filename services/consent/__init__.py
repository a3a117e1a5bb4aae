"""Where people say yes, no, or forget me."""
