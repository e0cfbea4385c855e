package main

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"zohocrm/internal/browsertest"
)

// With it, the pictures of docs/webapp.md are taken anew:
//
//	go test ./examples/webapp -run TestInTheBrowser/pictures -screenshots ../../docs/images
var screenshots = flag.String("screenshots", "", "`FOLDER` to put the screenshots into, relative to this one (default: a temporary one)")

// maxPicture bounds a picture of the documentation, in bytes.
const maxPicture = 150_000

// takesPictures takes those of the documentation, and looks at the ones it shows.
func takesPictures(t *testing.T, browser *browsertest.Browser) {
	r, folder := newRig(t), *screenshots
	if folder == "" {
		folder = t.TempDir()
	}
	for name, screen := range map[string]browsertest.Screen{
		"webapp-leads.png": {Width: 1080, Height: 600},
		"webapp-phone.png": {Width: 390, Height: 700, Mobile: true, Dark: true},
	} {
		p := browser.Person(t)
		p.Use(screen)
		connect(t, r, p, asAlice)
		p.Open(r.url + "/leads?page=2")
		picture := p.Screenshot()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, picture, 0o644); err != nil {
			t.Fatal(err)
		}
		checkPicture(t, name, picture, screen)
		// What the documentation shows is of the same kind.
		shown, err := os.ReadFile(filepath.Join("../../docs/images", name))
		if err != nil {
			t.Errorf("docs/webapp.md has no picture: %v", err)
			continue
		}
		checkPicture(t, "docs/images/"+name, shown, screen)
	}
}

// checkPicture wants a small PNG of the screen's size with more on it than an empty
// page has: text, buttons, a table.
func checkPicture(t *testing.T, name string, picture []byte, screen browsertest.Screen) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if size := img.Bounds().Size(); size.X != int(screen.Width) || size.Y != int(screen.Height) {
		t.Errorf("%s: %v, want %d by %d", name, size, screen.Width, screen.Height)
	}
	if len(picture) > maxPicture {
		t.Errorf("%s has %d bytes, more than %d", name, len(picture), maxPicture)
	}
	ground, other := img.At(2, img.Bounds().Dy()-2), 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if img.At(x, y) != ground {
				other++
			}
		}
	}
	if share := float64(other) / float64(img.Bounds().Dx()*img.Bounds().Dy()); share < 0.05 || share > 0.98 {
		t.Errorf("%s: %.0f %% of it differ from the ground", name, 100*share)
	}
}
