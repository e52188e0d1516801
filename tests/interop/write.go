package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// write makes a log with tessera's POSIX storage: entries of several publications, odd sizes included.
func write(ctx context.Context, dir, entries string) error {
	count, err := strconv.Atoi(entries)
	if err != nil {
		return err
	}
	secret, vkey, err := note.GenerateKey(rand.Reader, "foreign.example/log")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return err
	}
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(100, 50*time.Millisecond).
		WithCheckpointInterval(100 * time.Millisecond)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		return err
	}
	await := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 50*time.Millisecond)
	var last tessera.IndexFuture
	for i := range count {
		last = appender.Add(ctx, tessera.NewEntry([]byte(fmt.Sprintf("entry %d of another log", i))))
	}
	if last != nil {
		if _, _, err := await.Await(ctx, last); err != nil {
			return err
		}
	}
	if err := shutdown(ctx); err != nil {
		return err
	}
	fmt.Println(vkey)
	return nil
}
