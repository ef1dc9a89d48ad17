package names

import "math/rand/v2"

// Generate makes a name for someone who gave none: "Swift Otter". There are 4096, and each has all tags.
func Generate() string {
	return adjectives[rand.IntN(len(adjectives))] + " " + animals[rand.IntN(len(animals))]
}

// Every word may stand beside every other: two together are a kind name within the limits.
var adjectives = [...]string{
	"Agile", "Amber", "Ancient", "Arctic", "Autumn", "Azure", "Bold", "Brave",
	"Bright", "Bronze", "Calm", "Cheerful", "Clever", "Coral", "Cosmic", "Crimson",
	"Curious", "Daring", "Dawn", "Eager", "Early", "Electric", "Emerald", "Fearless",
	"Fleet", "Forest", "Gentle", "Gilded", "Golden", "Happy", "Hidden", "Humble",
	"Icy", "Indigo", "Ivory", "Jade", "Jolly", "Keen", "Lively", "Lone",
	"Loyal", "Lucky", "Lunar", "Mellow", "Merry", "Mighty", "Nimble", "Noble",
	"Polar", "Proud", "Quick", "Quiet", "Rapid", "Royal", "Scarlet", "Silent",
	"Silver", "Solar", "Steady", "Stormy", "Sunny", "Swift", "Velvet", "Wise",
}

var animals = [...]string{
	"Albatross", "Antelope", "Badger", "Bear", "Beetle", "Bison", "Caribou", "Cheetah",
	"Condor", "Coyote", "Crane", "Cricket", "Dolphin", "Dragon", "Eagle", "Ermine",
	"Falcon", "Ferret", "Finch", "Fox", "Gazelle", "Gecko", "Hare", "Hawk",
	"Hedgehog", "Heron", "Ibex", "Jackal", "Jaguar", "Kiwi", "Koala", "Lemur",
	"Leopard", "Lion", "Llama", "Lynx", "Magpie", "Manta", "Marten", "Moose",
	"Newt", "Ocelot", "Orca", "Oryx", "Osprey", "Otter", "Owl", "Panda",
	"Panther", "Pelican", "Penguin", "Puffin", "Puma", "Raven", "Robin", "Salmon",
	"Sloth", "Sparrow", "Stag", "Swan", "Tapir", "Tiger", "Walrus", "Wolf",
}
