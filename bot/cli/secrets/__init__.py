"""`botctl secrets`: the SecretStr fields of Settings, carried between an env file, a folder and AWS Parameter Store."""
