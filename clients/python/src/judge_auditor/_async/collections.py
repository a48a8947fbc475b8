"""Collections of documents that audits are checked against."""

from __future__ import annotations

from typing import Literal

from ..models import (
    CollectionsView,
    CollectionView,
    DocumentsView,
    DocumentTextView,
    DocumentView,
    SearchView,
)
from ..request import Request
from .access import Access

MediaType = Literal["text/plain", "text/markdown", "text/html", "application/pdf"]


class AsyncCollections:
    def __init__(self, access: Access) -> None:
        self._access = access
        self.documents = AsyncDocuments(access)

    async def create(self, name: str) -> CollectionView:
        request = Request("POST", "/collections", body={"name": name})
        return (await self._access.send(request)).read(CollectionView)

    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> CollectionsView:
        query = {"limit": limit, "cursor": cursor}
        return (await self._access.send(Request("GET", "/collections", query=query))).read(CollectionsView)

    async def get(self, id: str) -> CollectionView:
        return (await self._access.send(Request("GET", "/collections/{id}", {"id": id}))).read(CollectionView)

    async def delete(self, id: str) -> None:
        """With all its documents."""
        await self._access.send(Request("DELETE", "/collections/{id}", {"id": id}))

    async def search(self, id: str, q: str, *, limit: int | None = None) -> SearchView:
        """The passages that fit best."""
        query = {"q": q, "limit": limit}
        request = Request("GET", "/collections/{id}/search", {"id": id}, query=query)
        return (await self._access.send(request)).read(SearchView)


class AsyncDocuments:
    def __init__(self, access: Access) -> None:
        self._access = access

    async def create(self, id: str, name: str, text: str) -> DocumentView:
        body = {"name": name, "text": text}
        request = Request("POST", "/collections/{id}/documents", {"id": id}, body=body)
        return (await self._access.send(request)).read(DocumentView)

    async def upload(self, id: str, name: str, content: bytes, media_type: MediaType) -> DocumentView:
        """A file as it is; the server takes the text out of it."""
        request = Request(
            "POST",
            "/collections/{id}/documents",
            {"id": id},
            query={"name": name},
            file=(media_type, content),
        )
        return (await self._access.send(request)).read(DocumentView)

    async def list(self, id: str, *, limit: int | None = None, cursor: str | None = None) -> DocumentsView:
        query = {"limit": limit, "cursor": cursor}
        request = Request("GET", "/collections/{id}/documents", {"id": id}, query=query)
        return (await self._access.send(request)).read(DocumentsView)

    async def get(self, id: str, document_id: str) -> DocumentTextView:
        """With its text."""
        parts = {"id": id, "document_id": document_id}
        request = Request("GET", "/collections/{id}/documents/{document_id}", parts)
        return (await self._access.send(request)).read(DocumentTextView)

    async def delete(self, id: str, document_id: str) -> None:
        parts = {"id": id, "document_id": document_id}
        await self._access.send(Request("DELETE", "/collections/{id}/documents/{document_id}", parts))
