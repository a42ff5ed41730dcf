"""Galleries, films, analyses, corrections and the queue of jobs in a database. SQL lives only in this room.

`database.open_store` opens (and migrates) a database; the repositories `GalleryRepository`, `FilmRepository`,
`CorrectionLog` and `JobRepository` turn records into rows and back, each call in one transaction. `film_records` and
`outlines` are what pages read of a film, without boxes or vectors where they can. `schema` is the tables as the code
sees them, `migrations` how older databases get there.
"""
