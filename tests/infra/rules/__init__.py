"""What must hold of infra/: each rule takes the files and returns what breaks it, in words."""
