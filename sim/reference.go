package sim

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// expandReferences puts the answers of earlier requests of a composite request
// in place of references to them: @{1:$.data[0].details.id}. A reference that
// leads nowhere is left in *lost.
func expandReferences(text string, answers map[string]json.RawMessage, lost *string) string {
	if !strings.Contains(text, "@{") {
		return text
	}
	pattern := regexp.MustCompile(`@\{([a-zA-Z0-9_]+):(\$[^}]*)\}`)
	return pattern.ReplaceAllStringFunc(text, func(ref string) string {
		parts := pattern.FindStringSubmatch(ref)
		value, ok := follow(answers[parts[1]], parts[2])
		if !ok {
			*lost = ref
		}
		// Inside JSON a text must stay escaped; IDs and numbers need nothing.
		quoted := string(marshalItem(value))
		return strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
	})
}

// follow reads the text or number at a path such as $.data[0].details.id.
func follow(answer json.RawMessage, path string) (string, bool) {
	path = strings.NewReplacer("['", ".", "']", "", "[", ".", "]", "").Replace(strings.TrimPrefix(path, "$"))
	for step := range strings.SplitSeq(strings.Trim(path, "."), ".") {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		switch {
		case json.Unmarshal(answer, &object) == nil && object != nil:
			answer = object[step]
		case json.Unmarshal(answer, &list) == nil && list != nil:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(list) {
				return "", false
			}
			answer = list[i]
		default:
			return "", false
		}
	}
	if len(answer) == 0 || answer[0] == '{' || answer[0] == '[' || string(answer) == "null" {
		return "", false
	}
	return textOf(answer), true
}
