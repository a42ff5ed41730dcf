"""Galleries, films, analyses and corrections in a database. SQL lives only in this room.

`database.open_store` opens (and migrates) a database; the three repositories `GalleryRepository`, `FilmRepository`
and `CorrectionLog` turn records into rows and back, each call in one transaction. `schema` is the tables as the code
sees them, `migrations` how older databases get there.
"""
