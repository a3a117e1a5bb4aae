"""Where spans go while a door is measured: taken, and thrown away."""

import argparse

import uvicorn
from fastapi import FastAPI, Response


def make_app() -> FastAPI:
    """Takes all spans that are sent to it."""
    app = FastAPI()

    @app.get("/ready")
    async def ready() -> None:
        return None

    @app.post("/v1/traces")
    async def take() -> Response:
        return Response(media_type="application/x-protobuf")

    return app


def main() -> None:
    """Take spans on a port until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(make_app(), host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
