"""The yardstick of intake: what a good engineer writes by hand with FastAPI and asyncpg.

A validated body, a quote and its outbox row in one transaction, an answer. No keys, no sealing, no
idempotency, no view, no order on a bus. The same server, loop, parser and pool size as a service.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, EmailStr, Field
from uuid_utils.compat import uuid7

from libs.runtime.ground import CONNECTIONS_MAX
from tests.bench.queries import QUERIES


class QuoteIn(BaseModel):
    """The same request that the product's door takes."""

    name: str = Field(max_length=200)
    email: EmailStr
    brief: str = Field(max_length=50_000)
    language: str = Field(default="en", pattern="^[a-z]{2}$")


class QuoteOut(BaseModel):
    """What the caller learns."""

    id: UUID


def make_app(database_url: str) -> FastAPI:
    """The door over a database with the two tables."""
    pool: Any = None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        nonlocal pool
        sizes = {"min_size": CONNECTIONS_MAX, "max_size": CONNECTIONS_MAX}
        async with asyncpg.create_pool(database_url, **sizes) as pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/ready")
    async def ready() -> None:
        await pool.fetchval("select 1")

    @app.post("/quotes", status_code=201)
    async def request_quote(asked: QuoteIn) -> QuoteOut:
        number = uuid7()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                QUERIES["insert_plain_quote"],
                number,
                asked.name,
                asked.email,
                asked.brief,
                asked.language,
            )
            await connection.execute(
                QUERIES["insert_plain_outbox"], number, asked.model_dump_json()
            )
        return QuoteOut(id=number)

    return app


def main() -> None:
    """Serve it on a port until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database-url", required=True)
    options = parser.parse_args()
    app = make_app(options.database_url)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=options.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
