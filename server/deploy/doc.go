// Package deploy holds the files that put a server on the internet (container, service, reverse
// proxies) and the hosting guide, README.md. It has no code but the test that plays through the
// proxies with the files as they are.
package deploy
