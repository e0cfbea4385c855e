// Package whose finds where a path leads, and whose the file there is, for stores
// that keep secrets in files.
//
// Whoever can make a name in a folder can make the one that a program will look for:
// a symbolic link that leads elsewhere, or a file that takes the secrets in. Users
// who are trusted here are the one of this process and root; all others are
// strangers. On Windows nobody is: making a link needs a privilege there, and access
// lists say who may read a file.
package whose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks bounds how many symbolic links lead to a file.
const maxLinks = 40

// Place is where a path leads.
type Place struct {
	Path string      // absolute, and no part of it is a symbolic link
	File fs.FileInfo // what stands there; nil for nothing

	// Of the way, empty for none: the last link that is a stranger's, and the first
	// folder that is one's and stands in a folder of everybody.
	link, planted string
}

// Find follows path to the file that is meant, which need not exist.
//
// A stranger's link is refused in the place of the file, since who makes it chooses
// the file. One that leads to a folder on the way is refused in a folder of everybody,
// as Linux does with fs.protected_symlinks; elsewhere it is the work of those to whom
// that part of the path belongs, as are the folders themselves.
func Find(path string) (Place, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Place{}, err
	}
	var p Place
	for links, rest := 0, parts(abs); len(rest) > 0; {
		next := rest[0]
		if rest = rest[1:]; !filepath.IsAbs(next) {
			next = filepath.Join(p.Path, next)
		}
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			p.Path, p.File = filepath.Join(append([]string{next}, rest...)...), nil
			return p, nil
		case err != nil:
			return Place{}, err
		case info.Mode().IsRegular() && len(rest) > 0:
			return Place{}, fmt.Errorf("%s is a file, not a folder", next)
		case info.Mode()&fs.ModeSymlink == 0:
			if p.planted == "" && len(rest) > 0 && isPlanted(next, info) {
				p.planted = next
			}
			p.Path, p.File = next, info
			continue
		case len(rest) == 0 && isStranger(owner(info)), isPlanted(next, info):
			return Place{}, fmt.Errorf("%s is a symbolic link of another user: it belongs to user %d, and this program runs as user %d: give the path that is meant, without the link",
				next, owner(info), os.Geteuid())
		case links == maxLinks:
			return Place{}, fmt.Errorf("%s leads over too many symbolic links", path)
		}
		if isStranger(owner(info)) {
			p.link = next
		}
		to, err := os.Readlink(next)
		if err != nil {
			return Place{}, err
		}
		links, rest = links+1, append(parts(to), rest...)
	}
	return p, nil
}

// parts are the names in a path; the first of an absolute one is its root.
func parts(path string) []string {
	var all []string
	if filepath.IsAbs(path) {
		root := min(len(filepath.VolumeName(path))+1, len(path)) // a volume may be all, as \\.\NUL
		all, path = []string{path[:root]}, path[root:]
	}
	return append(all, strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == os.PathSeparator })...)
}

// Ours refuses a file of a stranger, who would be given what is written to it. Root
// works on any user's file, but not on one that this user may have made just where
// root would look for one of its own, and not on one that a stranger's link chose.
func (p Place) Ours() error { return p.ours(madeIn) }

// ours is Ours with what tells to whom a file belongs that this process makes.
func (p Place) ours(made func(folder string) (uid int, err error)) error {
	if p.File == nil || !isStranger(owner(p.File)) {
		return nil
	}
	if os.Geteuid() != 0 { // a file system may choose the owner, as one over a network does
		if uid, err := made(filepath.Dir(p.Path)); err == nil && uid == owner(p.File) {
			return nil
		}
	}
	planted := p.planted
	if planted == "" && isPlanted(p.Path, p.File) {
		planted = p.Path
	}
	switch fact := fmt.Sprintf("%s belongs to user %d", p.Path, owner(p.File)); {
	case os.Geteuid() != 0:
		return fmt.Errorf("%s, and this program runs as user %d: use a file of your own, or run as that user", fact, os.Geteuid())
	case p.link != "":
		return fmt.Errorf("%s, and %s, a symbolic link of another user, leads there: give the path without the link", fact, p.link)
	case planted != "":
		return fmt.Errorf("%s, and everybody can make files in %s: use a file of your own, or run as that user", fact, filepath.Dir(planted))
	}
	return nil
}

// madeIn is the user to whom a file belongs that this process makes in a folder.
func madeIn(folder string) (uid int, err error) {
	f, err := os.CreateTemp(folder, ".zcrm-owner-*")
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return 0, err
	}
	return owner(info), nil
}

// Beside refuses the file of p's name with end behind it if a stranger may have put
// it there: somebody else than p's owner, and in a folder that is a stranger's or
// everybody's. In a folder of root's the group to whom root gave it may share files.
func (p Place) Beside(end string) error {
	path := p.Path + end
	file, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !file.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: remove it", path)
	case !isStranger(owner(file)), p.File != nil && owner(p.File) == owner(file):
		return nil
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err == nil && !isStranger(owner(folder)) && !isOpen(folder) {
		return nil
	}
	return fmt.Errorf("%s belongs to user %d, and this program runs as user %d: remove it, or use a file in a folder of your own", path, owner(file), os.Geteuid())
}

// isPlanted reports whether a stranger may have been the first to make this name:
// in a folder of everybody, unless the folder is that user's.
func isPlanted(path string, info fs.FileInfo) bool {
	if !isStranger(owner(info)) {
		return false
	}
	folder, err := os.Lstat(filepath.Dir(path))
	return err != nil || isOpen(folder) && owner(folder) != owner(info)
}
