package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const witnessName = "litewitness.example/w"

// witness runs an unmodified litewitness that knows one log, prints its verifier key and address, and ends it when
// standard input ends.
func witness(ctx context.Context, program, dir, logKey string) error {
	origin, _, ok := strings.Cut(logKey, "+")
	if !ok {
		return fmt.Errorf("%q is no verifier key", logKey)
	}
	db, socket := filepath.Join(dir, "witness.db"), filepath.Join(dir, "agent")
	if err := addLog(db, origin, logKey); err != nil {
		return fmt.Errorf("litewitness's database: %w", err)
	}
	public, fingerprint, err := serveKey(socket)
	if err != nil {
		return err
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := port.Addr().String()
	port.Close()
	running := exec.CommandContext(ctx, program, "-db", db, "-name", witnessName, "-key", fingerprint,
		"-ssh-agent", socket, "-listen", address)
	running.Stderr = os.Stderr
	if err := running.Start(); err != nil {
		return err
	}
	defer running.Wait()
	defer running.Process.Kill()
	for try := 0; ; try++ {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			break
		}
		if try == 200 {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Println(cosignerKey(public), "http://"+address+"/")
	_, err = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
	return err
}

// addLog does what `witnessctl add-log` and `add-key` do.
func addLog(path, origin, key string) error {
	db, err := sqlite.OpenConn(path)
	if err != nil {
		return err
	}
	defer db.Close()
	err = sqlitex.ExecuteScript(db, `
		CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));`, nil)
	if err != nil {
		return err
	}
	empty := base64.StdEncoding.EncodeToString(rfc6962.DefaultHasher.EmptyRoot())
	err = sqlitex.Execute(db, "INSERT INTO log VALUES (?, 0, ?)", &sqlitex.ExecOptions{Args: []any{origin, empty}})
	if err != nil {
		return err
	}
	return sqlitex.Execute(db, "INSERT INTO key VALUES (?, ?)", &sqlitex.ExecOptions{Args: []any{origin, key}})
}

// serveKey makes a key and serves it as an ssh-agent does.
func serveKey(socket string) (ed25519.PublicKey, string, error) {
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: secret}); err != nil {
		return nil, "", err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, "", err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, connection)
		}
	}()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, "", err
	}
	return public, ssh.FingerprintSHA256(key), nil
}

// cosignerKey is the verifier key of type 0x04 (C2SP tlog-cosignature).
func cosignerKey(public ed25519.PublicKey) string {
	typed := append([]byte{0x04}, public...)
	id := sha256.Sum256(append([]byte(witnessName+"\n"), typed...))
	return fmt.Sprintf("%s+%s+%s", witnessName, hex.EncodeToString(id[:4]), base64.StdEncoding.EncodeToString(typed))
}
