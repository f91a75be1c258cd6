"use strict";
// While a phone waits for its PIN the page looks again by itself; without JavaScript the link does.
setTimeout(() => window.location.reload(), 3000);
