package dbx

import (
	"strings"
	"unicode"
)

// firstWords returns the beginning of a statement for an error. It has keywords and
// names, and never a value: it stops where a value may follow.
func firstWords(statement string) string {
	const most = 6
	var words []string
	for word := range strings.FieldsSeq(uncommented(statement)) {
		name := word[:len(word)-len(strings.TrimLeftFunc(word, isName))]
		rest := word[len(name):]
		if word == "*" {
			name, rest = word, ""
		}
		beforeValue := len(words) > 0 && valueFollows[strings.ToUpper(name)]
		if name == "" || unicode.IsDigit(rune(name[0])) || beforeValue || len(words) == most {
			break
		}
		words = append(words, name)
		if rest == "," {
			words[len(words)-1] += rest
		} else if rest != "" {
			break
		}
	}
	if words == nil {
		return "a statement"
	}
	return strings.Join(words, " ")
}

var valueFollows = map[string]bool{"WHERE": true, "SET": true, "TO": true, "VALUES": true, "LIMIT": true, "ON": true}

func isName(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// uncommented returns a statement without the comments before it.
func uncommented(s string) string {
	for {
		s = strings.TrimSpace(s)
		end := ""
		switch {
		case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "#"):
			end = "\n"
		case strings.HasPrefix(s, "/*"):
			end = "*/"
		default:
			return s
		}
		_, s, _ = strings.Cut(s, end)
	}
}
