"""The page at `/docs`: Swagger UI from a package, so that it works where no CDN can be reached."""

from importlib.resources import as_file, files

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

_LIBRARY = "fastapi_offline.static"
_OURS = "app.api.page"
_FILES = {
    "swagger-ui-bundle.js": (_LIBRARY, "text/javascript"),
    "swagger-ui.css": (_LIBRARY, "text/css"),
    "favicon.png": (_LIBRARY, "image/png"),
    "docs.js": (_OURS, "text/javascript"),
    "docs.css": (_OURS, "text/css"),
}


def add_docs_page(app: FastAPI) -> None:
    """Serve the page and its files."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return _sent("docs.html", _OURS, "text/html")

    @app.get("/docs/{name}", include_in_schema=False)
    async def asset(name: str) -> FileResponse:
        if name not in _FILES:
            raise HTTPException(404)
        answer = _sent(name, *_FILES[name])
        answer.headers["Cache-Control"] = "max-age=86400"
        return answer


def _sent(name: str, package: str, media: str) -> FileResponse:
    with as_file(files(package) / name) as path:
        return FileResponse(path, media_type=media)
