// Protects and unprotects RTP packets with Pion's SRTP, for `pnpm bench srtp`.
//
// Reads lines `PROFILE PAYLOAD PACKETS`, answers each with nanoseconds of processor time a packet:
// `PROTECT UNPROTECT`, or `-` for a profile that this version has not.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/pion/srtp/v2"
)

const (
	header = 12
	batch  = 250
	warmUp = 5000
	room   = 32
)

var pionVersion = "unknown"

type profile struct {
	id           srtp.ProtectionProfile
	key, saltLen int
}

var profiles = map[string]profile{
	"aes-cm-128-80": {srtp.ProtectionProfileAes128CmHmacSha1_80, 16, 14},
	"aes-gcm-128":   {srtp.ProtectionProfileAeadAes128Gcm, 16, 12},
}

func now() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func create(of profile) *srtp.Context {
	key := make([]byte, of.key)
	salt := make([]byte, of.saltLen)
	for i := range key {
		key[i] = 7
	}
	context, err := srtp.CreateContext(key, salt, of.id, srtp.SRTPReplayProtection(1024))
	if err != nil {
		panic(err)
	}
	return context
}

func measure(of profile, payload, count int) (protect, unprotect float64) {
	sender, receiver := create(of), create(of)
	var plain, sealed [batch][]byte
	sequence := 0
	for i := range plain {
		plain[i] = make([]byte, header+payload)
		sealed[i] = make([]byte, 0, header+payload+room)
	}
	for done := -warmUp; done < count; done += batch {
		for i := range plain {
			packet := plain[i][:header+payload]
			for j := range packet {
				packet[j] = 0x5a
			}
			copy(packet, "\x80\x60\x00\x00\x00\x00\x00\x00\xca\xfe\xba\xbe")
			packet[2], packet[3] = byte(sequence>>8), byte(sequence)
			plain[i] = packet
			sequence++
		}
		var err error
		start := now()
		for i := range plain {
			if sealed[i], err = sender.EncryptRTP(sealed[i][:0], plain[i], nil); err != nil {
				panic(err)
			}
		}
		middle := now()
		for i := range plain {
			if plain[i], err = receiver.DecryptRTP(plain[i][:0], sealed[i], nil); err != nil {
				panic(err)
			}
		}
		end := now()
		if done >= 0 {
			protect += (middle - start) / float64(count)
			unprotect += (end - middle) / float64(count)
		}
	}
	return protect, unprotect
}

func main() {
	fmt.Printf("Pion srtp %s (%s)\n", pionVersion, runtime.Version())
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var name string
		var payload, count int
		if _, err := fmt.Sscan(input.Text(), &name, &payload, &count); err != nil {
			panic(err)
		}
		of, known := profiles[name]
		if !known {
			fmt.Println("-")
			continue
		}
		protect, unprotect := measure(of, payload, count)
		fmt.Printf("%.1f %.1f\n", protect, unprotect)
	}
}
