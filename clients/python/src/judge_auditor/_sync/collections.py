# Made of _async/collections.py by tools/make_sync.py.
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


class Collections:
    def __init__(self, access: Access) -> None:
        self._access = access
        self.documents = Documents(access)

    def create(self, name: str) -> CollectionView:
        request = Request("POST", "/collections", body={"name": name})
        return (self._access.send(request)).read(CollectionView)

    def list(self, *, limit: int | None = None, cursor: str | None = None) -> CollectionsView:
        query = {"limit": limit, "cursor": cursor}
        return (self._access.send(Request("GET", "/collections", query=query))).read(CollectionsView)

    def get(self, id: str) -> CollectionView:
        return (self._access.send(Request("GET", "/collections/{id}", {"id": id}))).read(CollectionView)

    def delete(self, id: str) -> None:
        """With all its documents."""
        self._access.send(Request("DELETE", "/collections/{id}", {"id": id}))

    def search(self, id: str, q: str, *, limit: int | None = None) -> SearchView:
        """The passages that fit best."""
        query = {"q": q, "limit": limit}
        request = Request("GET", "/collections/{id}/search", {"id": id}, query=query)
        return (self._access.send(request)).read(SearchView)


class Documents:
    def __init__(self, access: Access) -> None:
        self._access = access

    def create(self, id: str, name: str, text: str) -> DocumentView:
        body = {"name": name, "text": text}
        request = Request("POST", "/collections/{id}/documents", {"id": id}, body=body)
        return (self._access.send(request)).read(DocumentView)

    def upload(self, id: str, name: str, content: bytes, media_type: MediaType) -> DocumentView:
        """A file as it is; the server takes the text out of it."""
        request = Request(
            "POST",
            "/collections/{id}/documents",
            {"id": id},
            query={"name": name},
            file=(media_type, content),
        )
        return (self._access.send(request)).read(DocumentView)

    def list(self, id: str, *, limit: int | None = None, cursor: str | None = None) -> DocumentsView:
        query = {"limit": limit, "cursor": cursor}
        request = Request("GET", "/collections/{id}/documents", {"id": id}, query=query)
        return (self._access.send(request)).read(DocumentsView)

    def get(self, id: str, document_id: str) -> DocumentTextView:
        """With its text."""
        parts = {"id": id, "document_id": document_id}
        request = Request("GET", "/collections/{id}/documents/{document_id}", parts)
        return (self._access.send(request)).read(DocumentTextView)

    def delete(self, id: str, document_id: str) -> None:
        parts = {"id": id, "document_id": document_id}
        self._access.send(Request("DELETE", "/collections/{id}/documents/{document_id}", parts))
