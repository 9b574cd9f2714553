"""The commands, a module a group: each declares its parsers, calls a service and prints what it says."""
