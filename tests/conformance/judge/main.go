// Judges a log that the Daylight ledger wrote, with golang.org/x/mod/sumdb alone.
//
//	judge LOG VKEY CHECKPOINT PROOFS GROWTH
//
// LOG is the published folder. CHECKPOINT is the note to believe. PROOFS holds, for each entry in order, one byte with
// the number of hashes of its inclusion proof and the hashes. GROWTH holds lines: old size, old root, hashes (base64).
//
// It verifies the note, reads every bundle, computes every stored hash anew and from them the root, compares every tile
// file byte for byte, and checks every inclusion proof and every consistency proof. The first thing that is false is
// printed, and the exit status is 1.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	width  = 256
	height = 8
)

func main() {
	if len(os.Args) != 6 {
		stop("usage: judge LOG VKEY CHECKPOINT PROOFS GROWTH")
	}
	log, vkey := os.Args[1], os.Args[2]
	tree := openCheckpoint(vkey, read(os.Args[3]))
	stored, leaves := storedHashes(log, tree.N)
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for place, index := range indexes {
			hashes[place] = stored[index]
		}
		return hashes, nil
	})
	judgeRoot(tree, reader)
	files := judgeTiles(log, tree.N, reader)
	judgeInclusion(tree, leaves, read(os.Args[4]))
	grown := judgeGrowth(tree, string(read(os.Args[5])))
	fmt.Printf("%d entries, %d tiles, %d inclusion proofs, %d consistency proofs\n", tree.N, files, len(leaves), grown)
}

func stop(format string, values ...interface{}) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		stop("%v", err)
	}
	return data
}

// openCheckpoint verifies the note and reads its three lines; tlog.ParseTree wants a first line of its own.
func openCheckpoint(vkey string, data []byte) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		stop("vkey: %v", err)
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		stop("note: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		stop("checkpoint: not three lines of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		stop("checkpoint: size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		stop("checkpoint: root %q", lines[2])
	}
	return tlog.Tree{N: size, Hash: root}
}

// path spells C2SP's path, which has no height in it and another word for entries.
func path(tile tlog.Tile) string {
	spelled := strings.TrimPrefix(tile.Path(), "tile/8/")
	return filepath.Join("tile", strings.Replace(spelled, "data/", "entries/", 1))
}

// row lists the tiles of a level that a tree of this size has.
func row(level int, size int64) []tlog.Tile {
	hashes := size
	if level > 0 {
		hashes = size >> (height * uint(level))
	}
	var tiles []tlog.Tile
	for number := int64(0); number < hashes/width; number++ {
		tiles = append(tiles, tlog.Tile{H: height, L: level, N: number, W: width})
	}
	if hashes%width > 0 {
		tiles = append(tiles, tlog.Tile{H: height, L: level, N: hashes / width, W: int(hashes % width)})
	}
	return tiles
}

func storedHashes(log string, size int64) (stored, leaves []tlog.Hash) {
	soFar := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for place, index := range indexes {
			hashes[place] = stored[index]
		}
		return hashes, nil
	})
	for _, tile := range row(-1, size) {
		data := read(filepath.Join(log, path(tile)))
		for entry := 0; entry < tile.W; entry++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				stop("%s: ends within entry %d", path(tile), entry)
			}
			length := int(binary.BigEndian.Uint16(data))
			added, err := tlog.StoredHashes(int64(len(leaves)), data[2:2+length], soFar)
			if err != nil {
				stop("%s: %v", path(tile), err)
			}
			leaves = append(leaves, added[0])
			stored = append(stored, added...)
			data = data[2+length:]
		}
		if len(data) > 0 {
			stop("%s: %d bytes too many", path(tile), len(data))
		}
	}
	return stored, leaves
}

// judgeRoot knows the empty tree's root itself: older versions of the library have another one.
func judgeRoot(tree tlog.Tree, reader tlog.HashReader) {
	root, err := tlog.ParseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	if tree.N > 0 {
		root, err = tlog.TreeHash(tree.N, reader)
	}
	if err != nil || root != tree.Hash {
		stop("root: the entries hash to %v, signed is %v (%v)", root, tree.Hash, err)
	}
}

func judgeTiles(log string, size int64, reader tlog.HashReader) int {
	files := 0
	for level := 0; size>>(height*uint(level)) > 0; level++ {
		for _, tile := range row(level, size) {
			wanted, err := tlog.ReadTileData(tile, reader)
			if err != nil {
				stop("%s: %v", path(tile), err)
			}
			if !bytes.Equal(wanted, read(filepath.Join(log, path(tile)))) {
				stop("%s: other hashes", path(tile))
			}
			files++
		}
	}
	return files
}

func judgeInclusion(tree tlog.Tree, leaves []tlog.Hash, data []byte) {
	for index, leaf := range leaves {
		if len(data) < 1 || len(data) < 1+int(data[0])*tlog.HashSize {
			stop("inclusion proof %d: missing", index)
		}
		proof := make(tlog.RecordProof, data[0])
		data = data[1:]
		for place := range proof {
			copy(proof[place][:], data)
			data = data[tlog.HashSize:]
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), leaf); err != nil {
			stop("inclusion proof %d: %v", index, err)
		}
	}
	if len(data) > 0 {
		stop("inclusion proofs: %d bytes too many", len(data))
	}
}

func judgeGrowth(tree tlog.Tree, text string) int {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		return 0
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		old, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			stop("growth: %v", err)
		}
		hashes := make([]tlog.Hash, len(fields)-1)
		for place, field := range fields[1:] {
			if hashes[place], err = tlog.ParseHash(field); err != nil {
				stop("growth from %d: %v", old, err)
			}
		}
		if err := tlog.CheckTree(hashes[1:], tree.N, tree.Hash, old, hashes[0]); err != nil {
			stop("growth from %d: %v", old, err)
		}
	}
	return len(lines)
}
