"""A tandem's journey, played against a running stack through its public interfaces: a partner's topic and people's pages."""
