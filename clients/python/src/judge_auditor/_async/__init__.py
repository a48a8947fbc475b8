"""Everything that speaks with a server, with asyncio."""
