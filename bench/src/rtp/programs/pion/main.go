// Pion's rtp and srtp, as a program to be measured: `program <measurement> <rate | bytes> <ms>`.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/srtp/v2"
)

// What workload.ts says.
const (
	videoPayloadBytes = 1172
	audioPayloadBytes = 132
	frameBytes        = 11000
	maxPayloadBytes   = 1100
	receivers         = 10
	levelID           = 1
	transportID       = 3
)

const callsBetweenLooks = 20

var sink int

// once does a thing once; how many packets that were.
type once func() int

func main() {
	name, what := os.Args[1], os.Args[2]
	milliseconds, err := strconv.Atoi(os.Args[3])
	must(err)
	run := prepare(name)
	var value float64
	if what == "bytes" {
		value = bytesPerPacket(run)
	} else {
		value = packetsPerSecond(run, time.Duration(milliseconds)*time.Millisecond)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]float64{"value": value}))
	if sink == 0 {
		os.Exit(1)
	}
}

func prepare(name string) once {
	switch name {
	case "parse":
		return parsing()
	case "serialise":
		return serialising()
	case "packetise":
		return packetising()
	case "depacketise":
		return depacketising()
	case "rewrite":
		return rewriting()
	case "forward-video":
		return forwarding(videoPayloadBytes, srtp.ProtectionProfileAes128CmHmacSha1_80)
	case "forward-audio":
		return forwarding(audioPayloadBytes, srtp.ProtectionProfileAes128CmHmacSha1_80)
	case "forward-video-gcm":
		return forwarding(videoPayloadBytes, srtp.ProtectionProfileAeadAes128Gcm)
	case "forward-audio-gcm":
		return forwarding(audioPayloadBytes, srtp.ProtectionProfileAeadAes128Gcm)
	}
	panic(fmt.Sprintf("no measurement named %s", name))
}

func packetsPerSecond(run once, window time.Duration) float64 {
	runFor(run, window/2)
	before := cpuTime()
	packets := runFor(run, window)
	return float64(packets) / (cpuTime() - before).Seconds()
}

// runFor goes on for so much CPU time, however long a busy machine takes to give it.
func runFor(run once, window time.Duration) int {
	end := cpuTime() + window
	packets := 0
	for cpuTime() < end {
		look := time.Now().Add(5 * time.Millisecond)
		for time.Now().Before(look) {
			for i := 0; i < callsBetweenLooks; i++ {
				packets += run()
			}
		}
	}
	return packets
}

func bytesPerPacket(run once) float64 {
	runFor(run, 200*time.Millisecond)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	packets := 0
	for i := 0; i < 2000; i++ {
		packets += run()
	}
	runtime.ReadMemStats(&after)
	perPacket := float64(after.TotalAlloc-before.TotalAlloc) / float64(packets)
	if perPacket < 1 {
		return 0
	}
	return perPacket
}

// cpuTime is that of all threads, the garbage collector's included.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func parsing() once {
	bytes := packet(videoPayloadBytes)
	parsed := &rtp.Packet{}
	return func() int {
		must(parsed.Unmarshal(bytes))
		sink += int(parsed.SequenceNumber) + int(parsed.Timestamp) + int(parsed.SSRC) + len(parsed.Payload)
		sink += int(binary.BigEndian.Uint16(parsed.GetExtension(transportID)))
		sink += int(parsed.GetExtension(levelID)[0])
		return 1
	}
}

func serialising() once {
	source := &rtp.Packet{}
	must(source.Unmarshal(packet(videoPayloadBytes)))
	out := make([]byte, 1500)
	return func() int {
		source.SequenceNumber++
		n, err := source.MarshalTo(out)
		must(err)
		sink += n
		return 1
	}
}

func packetising() once {
	data := frame()
	packetizer := rtp.NewPacketizer(maxPayloadBytes+12, 96, 2, &codecs.VP8Payloader{}, rtp.NewFixedSequencer(1), 90000)
	out := make([]byte, 1500)
	return func() int {
		packets := packetizer.Packetize(data, 3000)
		for _, each := range packets {
			n, err := each.MarshalTo(out)
			must(err)
			sink += n
		}
		return len(packets)
	}
}

func depacketising() once {
	packetizer := rtp.NewPacketizer(maxPayloadBytes+12, 96, 2, &codecs.VP8Payloader{}, rtp.NewFixedSequencer(1), 90000)
	packets := [][]byte{}
	for _, each := range packetizer.Packetize(frame(), 3000) {
		bytes, err := each.Marshal()
		must(err)
		packets = append(packets, bytes)
	}
	parsed := &rtp.Packet{}
	depacketizer := &codecs.VP8Packet{}
	return func() int {
		data := []byte{} // A frame is its receiver's.
		for _, each := range packets {
			must(parsed.Unmarshal(each))
			payload, err := depacketizer.Unmarshal(parsed.Payload)
			must(err)
			data = append(data, payload...)
		}
		sink += len(data)
		return len(packets)
	}
}

func rewriting() once {
	incoming := packet(videoPayloadBytes)
	parsed := &rtp.Packet{}
	outs := make([][]byte, receivers)
	for i := range outs {
		outs[i] = make([]byte, 2048)
	}
	sequenceNumber := uint16(1000)
	return func() int {
		sequenceNumber++
		binary.BigEndian.PutUint16(incoming[2:], sequenceNumber)
		must(parsed.Unmarshal(incoming))
		for i, out := range outs {
			own := rtp.Packet{Header: parsed.Header, Payload: parsed.Payload}
			own.SSRC = uint32(0x1000 + i)
			own.PayloadType = 100
			own.Timestamp += 77
			n, err := own.MarshalTo(out)
			must(err)
			sink += n
		}
		return receivers
	}
}

// forwarding writes as Pion's own senders do: through a session's write stream, whose connection ends here.
func forwarding(payloadBytes int, profile srtp.ProtectionProfile) once {
	saltBytes := 14
	if profile == srtp.ProtectionProfileAeadAes128Gcm {
		saltBytes = 12
	}
	streams := make([]*srtp.WriteStreamSRTP, receivers)
	for i := range streams {
		key, salt := filled(16, byte(i)), filled(saltBytes, byte(i))
		session, err := srtp.NewSessionSRTP(&nowhere{}, &srtp.Config{
			Profile: profile,
			Keys: srtp.SessionKeys{
				LocalMasterKey: key, LocalMasterSalt: salt, RemoteMasterKey: key, RemoteMasterSalt: salt,
			},
		})
		must(err)
		streams[i], err = session.OpenWriteStream()
		must(err)
	}
	incoming := packet(payloadBytes)
	parsed := &rtp.Packet{}
	sequenceNumber := uint16(1000)
	return func() int {
		sequenceNumber++
		binary.BigEndian.PutUint16(incoming[2:], sequenceNumber)
		must(parsed.Unmarshal(incoming))
		for i, stream := range streams {
			header := parsed.Header
			header.SSRC = uint32(0x1000 + i)
			header.PayloadType = 100
			header.Timestamp += 77
			n, err := stream.WriteRTP(&header, parsed.Payload)
			must(err)
			sink += n
		}
		return receivers
	}
}

// nowhere is a connection that takes everything and gives nothing.
type nowhere struct{ net.Conn }

func (*nowhere) Write(bytes []byte) (int, error)  { return len(bytes), nil }
func (*nowhere) Read([]byte) (int, error)         { select {} }
func (*nowhere) SetReadDeadline(time.Time) error  { return nil }
func (*nowhere) SetWriteDeadline(time.Time) error { return nil }

func packet(payloadBytes int) []byte {
	bytes := make([]byte, 24+payloadBytes)
	copy(bytes, []byte{0x90, 96})
	binary.BigEndian.PutUint16(bytes[2:], 1000)
	binary.BigEndian.PutUint32(bytes[4:], 123456789)
	binary.BigEndian.PutUint32(bytes[8:], 0xcafebabe)
	binary.BigEndian.PutUint16(bytes[12:], 0xbede)
	binary.BigEndian.PutUint16(bytes[14:], 2)
	copy(bytes[16:], []byte{levelID << 4, 0x85, transportID<<4 | 1, 0x12, 0x34})
	for i := 24; i < len(bytes); i++ {
		bytes[i] = byte(i * 17)
	}
	return bytes
}

func frame() []byte {
	bytes := make([]byte, frameBytes)
	for i := range bytes {
		bytes[i] = byte(i*31 + i>>7)
	}
	copy(bytes, []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01})
	return bytes
}

func filled(length int, value byte) []byte {
	bytes := make([]byte, length)
	for i := range bytes {
		bytes[i] = value
	}
	return bytes
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
