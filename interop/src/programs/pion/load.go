package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The rule of back pressure of the control protocol.
const (
	highWaterBytes = 1024 * 1024
	lowWaterBytes  = 256 * 1024
)

// blast sends messages of one size for a while, with back pressure.
func (t *channel) blast(size int, durationMs float64) (any, error) {
	message := payload(size, 1)
	low := make(chan struct{}, 1)
	t.rtc.SetBufferedAmountLowThreshold(lowWaterBytes)
	t.rtc.OnBufferedAmountLow(func() {
		select {
		case low <- struct{}{}:
		default:
		}
	})
	end := time.Now().Add(time.Duration(durationMs * float64(time.Millisecond)))
	messages := 0
	for time.Now().Before(end) {
		for burst := 0; burst < 64 && t.rtc.BufferedAmount() <= highWaterBytes; burst++ {
			if err := t.rtc.Send(message); err != nil {
				return nil, err
			}
			messages++
		}
		if t.rtc.BufferedAmount() > highWaterBytes {
			select {
			case <-low:
			case <-time.After(time.Until(end)):
			}
		}
	}
	return object{"messages": messages}, nil
}

// ping measures round trips in milliseconds, one message under way at a time.
func (t *channel) ping(size int, times int) (any, error) {
	message := payload(size, 1)
	echo := make(chan struct{}, 1)
	t.echo.Store(&echo)
	defer t.echo.Store(nil)
	roundTrips := make([]float64, 0, times)
	for len(roundTrips) < times {
		sentAt := time.Now()
		if err := t.rtc.Send(message); err != nil {
			return nil, err
		}
		<-echo
		roundTrips = append(roundTrips, float64(time.Since(sentAt))/float64(time.Millisecond))
	}
	return roundTrips, nil
}

// usage gives processor time and resident memory of the process.
func usage(collectGarbage bool) (any, error) {
	if collectGarbage {
		debug.FreeOSMemory()
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return nil, err
	}
	rss, err := residentBytes()
	if err != nil {
		return nil, err
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return object{"cpuSeconds": seconds(used.Utime) + seconds(used.Stime), "rssBytes": rss}, nil
}

// residentBytes reads the second field of /proc/self/statm, in pages.
func residentBytes() (int, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	return pages * os.Getpagesize(), err
}
