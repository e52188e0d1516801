package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// remote reads a tlog-tiles log over HTTP, for x/mod's tile reader.
type remote struct{ prefix string }

func (r remote) get(path string) ([]byte, error) {
	resp, err := http.Get(strings.TrimSuffix(r.prefix, "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return body, nil
}

func (r remote) Height() int { return tileHeight }

// ReadTiles asks for x/mod's tiles under their C2SP names: without the height.
func (r remote) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		path, ok := strings.CutPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		if !ok {
			return nil, fmt.Errorf("unexpected tile path %s", t.Path())
		}
		body, err := r.get("tile/" + path)
		if err != nil {
			return nil, err
		}
		data[i] = body
	}
	return data, nil
}

func (r remote) SaveTiles([]tlog.Tile, [][]byte) {}

// bundle reads an entry bundle and splits it.
func (r remote) bundle(n int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: n, W: width}
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
	body, err := r.get("tile/entries/" + path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(body) > 0 {
		if len(body) < 2 {
			return nil, errors.New("entry bundle is cut short")
		}
		size := int(body[0])<<8 | int(body[1])
		if len(body) < 2+size {
			return nil, errors.New("entry bundle is cut short")
		}
		entries = append(entries, body[2:2+size])
		body = body[2+size:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("bundle %d has %d entries, want %d", n, len(entries), width)
	}
	return entries, nil
}

// openCheckpoint verifies a checkpoint with x/mod's note package.
func openCheckpoint(body []byte, verifier note.Verifier) (tlog.Tree, error) {
	n, err := note.Open(body, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is no hash")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}
