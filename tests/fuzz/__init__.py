"""Random input for every entry of a running stack: partners' events, pages, the policy file, the command line."""
