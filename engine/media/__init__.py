"""Files in, RGB arrays with a time out: pictures (`images`), films (`video`) and their shots (`shots`)."""
