module kaon-srtp-bench

go 1.19

require github.com/pion/srtp/v2 v2.0.12
