package replay

// Copies returns how many copies of the match are kept for jumps back.
func (p *Player) Copies() int { return len(p.keys.list) }
