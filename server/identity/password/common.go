package password

import "strings"

// commonest are the passwords of eight characters and more at the head of every published list of
// leaked ones. Longer lists catch what a rate limit of ten tries would not; these are for the tries
// before it.
const commonest = `
123456789 12345678 1234567890 123123123 11111111 00000000 87654321 987654321 88888888 12341234 11223344
1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc q1w2e3r4 zaq12wsx 1234qwer qwer1234 asdf1234 abcd1234 abc12345 a1234567
a12345678 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwertz123 azerty123 asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123
password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword pa55word passwort passwort1 motdepasse
contraseña iloveyou iloveyou1 sunshine sunshine1 princess princess1 football football1 baseball basketball superman
superman1 batman123 spiderman starwars trustno1 whatever jennifer michelle computer internet samsung1 minecraft
minecraft1 fortnite pokemon1 pokemon123 welcome1 welcome123 letmein1 letmein123 admin123 admin1234 administrator
changeme changeme1 charlie1 liverpool liverpool1 chelsea1 dragon123 monkey123 master123 killer123 shadow123 corvette
mercedes midnight victoria alexander maverick danielle garfield elephant butterfly chocolate cheese123 hindsight
`

var commonSet = func() map[string]struct{} {
	set := map[string]struct{}{}
	for _, w := range strings.Fields(commonest) {
		set[w] = struct{}{}
	}
	return set
}()

// common reports that a password, in small letters, is on the list or is one character repeated.
func common(low string) bool {
	if _, ok := commonSet[low]; ok {
		return true
	}
	for _, r := range low {
		return strings.Trim(low, string(r)) == ""
	}
	return false
}
