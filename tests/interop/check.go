package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(ctx context.Context, prefix, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("x/mod can't read the vkey: %w", err)
	}
	log := remote{prefix}
	body, err := log.get("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(body, verifier)
	if err != nil {
		return fmt.Errorf("x/mod does not open the checkpoint: %w", err)
	}
	fmt.Printf("x/mod note: checkpoint of %d leaves opened\n", tree.N)
	if err := checkRecords(log, tree); err != nil {
		return err
	}
	if err := checkGrowth(log, tree); err != nil {
		return err
	}
	if err := checkReceipt(log, verifier); err != nil {
		return err
	}
	return checkWithTessera(ctx, prefix, verifier)
}

// checkRecords hashes every entry and holds it against the authenticated tiles, with a proof for each.
func checkRecords(log remote, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, log)
	for first := int64(0); first < tree.N; first += 256 {
		entries, err := log.bundle(first/256, int(min(256, tree.N-first)))
		if err != nil {
			return err
		}
		for i, entry := range entries {
			at := first + int64(i)
			proof, err := tlog.ProveRecord(tree.N, at, hashes)
			if err != nil {
				return fmt.Errorf("x/mod can't prove leaf %d: %w", at, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("leaf %d: %w", at, err)
			}
		}
	}
	fmt.Printf("x/mod tlog: %d leaves proved from tiles\n", tree.N)
	return nil
}

// checkGrowth holds the server's consistency proofs against x/mod's and checks them.
func checkGrowth(log remote, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, log)
	checked := 0
	for old := int64(1); old <= tree.N; old += 1 + tree.N/97 {
		oldRoot, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		body, err := log.get(fmt.Sprintf("api/v1/consistency?from=%d&to=%d", old, tree.N))
		if err != nil {
			return err
		}
		var answer struct {
			Proof []string `json:"proof"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		var proof tlog.TreeProof
		for _, line := range answer.Proof {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return err
			}
			proof = append(proof, hash)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, oldRoot); err != nil {
			return fmt.Errorf("consistency from %d: %w", old, err)
		}
		checked++
	}
	fmt.Printf("x/mod tlog: %d consistency proofs of the server hold\n", checked)
	return nil
}

// checkReceipt takes the receipt of the first unit's first entry apart with x/mod alone.
func checkReceipt(log remote, verifier note.Verifier) error {
	body, err := log.get("api/v1/units")
	if err != nil {
		return err
	}
	var list struct {
		Units []struct {
			Unit  string `json:"unit"`
			Count int64  `json:"count"`
		} `json:"units"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return err
	}
	for _, u := range list.Units {
		if u.Count == 0 {
			continue
		}
		body, err := log.get("api/v1/proof/" + u.Unit + "/1")
		if err != nil {
			return err
		}
		head, checkpoint, ok := strings.Cut(string(body), "\n\n")
		lines := strings.Split(head, "\n")
		if !ok || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
			return fmt.Errorf("the receipt of %s is no tlog-proof", u.Unit)
		}
		leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		if err != nil {
			return err
		}
		var index int64
		if _, err := fmt.Sscanf(lines[2], "index %d", &index); err != nil {
			return err
		}
		var proof tlog.RecordProof
		for _, line := range lines[3:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return err
			}
			proof = append(proof, hash)
		}
		tree, err := openCheckpoint([]byte(checkpoint), verifier)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)); err != nil {
			return fmt.Errorf("receipt of %s: %w", u.Unit, err)
		}
		fmt.Printf("x/mod tlog: the receipt of %s number 1 holds\n", u.Unit)
		return nil
	}
	return fmt.Errorf("no unit has entries")
}

// checkWithTessera runs tessera's fsck over the whole log.
func checkWithTessera(ctx context.Context, prefix string, verifier note.Verifier) error {
	root, err := url.Parse(strings.TrimSuffix(prefix, "/") + "/")
	if err != nil {
		return err
	}
	fetcher, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	hashBundle := func(bundle []byte) ([][]byte, error) {
		var entries api.EntryBundle
		if err := entries.UnmarshalText(bundle); err != nil {
			return nil, err
		}
		hashes := make([][]byte, 0, len(entries.Entries))
		for _, entry := range entries.Entries {
			hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
		}
		return hashes, nil
	}
	if err := fsck.New(verifier.Name(), verifier, fetcher, hashBundle, fsck.Opts{N: 2}).Check(ctx); err != nil {
		return fmt.Errorf("tessera fsck: %w", err)
	}
	fmt.Println("tessera fsck: holds")
	return nil
}
