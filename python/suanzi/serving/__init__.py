"""A registered model behind a service: a process of its own that answers the server over a socket."""
