// Command kaon-pion-peer is Pion as a peer program: it carries out the control protocol's commands
// (interop/src/control/protocol.ts), JSON lines on stdin and stdout.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

type commandLine struct {
	ID      int             `json:"id"`
	Command string          `json:"command"`
	Args    json.RawMessage `json:"args"`
}

type object map[string]any

// started is the zero of the process's own clock.
var started = time.Now()

func nowMs() float64 {
	return float64(time.Since(started)) / float64(time.Millisecond)
}

var output sync.Mutex

// writeLine writes one reply or event.
func writeLine(value object) {
	line, err := json.Marshal(value)
	if err != nil {
		fmt.Fprintln(os.Stderr, "not writable as JSON:", err)
		return
	}
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func main() {
	peer := newPeer()
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64*1024*1024)
	for input.Scan() {
		var line commandLine
		if err := json.Unmarshal(input.Bytes(), &line); err != nil {
			fmt.Fprintln(os.Stderr, "not a command:", err)
			continue
		}
		if isLong(line.Command) {
			go answer(peer, line)
		} else {
			// In order: a candidate must not overtake the description it belongs to.
			answer(peer, line)
		}
	}
}

// isLong tells which commands run while others are carried out.
func isLong(command string) bool {
	return command == "blast" || command == "ping" || command == "openMany"
}

func answer(peer *peer, line commandLine) {
	result, err := peer.handle(line.Command, line.Args)
	if err != nil {
		writeLine(object{"id": line.ID, "error": err.Error()})
		return
	}
	writeLine(object{"id": line.ID, "result": result})
}
