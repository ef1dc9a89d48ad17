// Package nightly holds the tests that take minutes, need the real kernel and are therefore not part
// of every run: simnet's TCP against Linux's, and the netcode matrix over real sockets, through
// toxiproxy or through a line between two network namespaces that loses packets; and the soak, which
// plays for half an hour and looks what grew. `make nightly` and `make soak` run them; without
// HINDSIGHT_NIGHTLY=1, or HINDSIGHT_SOAK, they are skipped.
//
// They judge by generous bounds, since a machine has other things to do, and print what they
// measured. All traffic stays on loopback and in namespaces that vanish with the test.
package nightly
