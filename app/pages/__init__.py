"""One module for each page. Pages import no other page; Dash loads them when the application is built."""
