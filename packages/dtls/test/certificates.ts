// Certificates and keys that never change, so that a seed replays a run; for tests only.

import { deterministicCrypto } from '@kaon/crypto';
import { createDtlsCertificate, type DtlsCertificate } from '../src/index.ts';

function certificate(der: string, key: string): DtlsCertificate {
  return createDtlsCertificate(
    { chain: [bytes(der)], privateKey: bytes(key), expires: Date.UTC(2126, 0) },
    deterministicCrypto,
  );
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** By kind of key; `other` is a second one on P-256. */
export const CERTIFICATES: Readonly<
  Record<'p256' | 'p384' | 'rsa' | 'ed25519' | 'other', DtlsCertificate>
> = {
  p256: certificate(
    [
      'MIIBejCCAR+gAwIBAgIUPKQJYZvjVfgQER4tksT1AlMkiI0wCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGV2ViUlRDMC',
      'AXDTI2MTEyMTAxNDgyOVoYDzIxMjYxMDI4MDE0ODI5WjARMQ8wDQYDVQQDDAZXZWJSVEMwWTATBgcqhkjOPQIBBggq',
      'hkjOPQMBBwNCAAQWRsr2OQb8nLbscn3EfrzvB2SCPc0McEW7kskDVFad5Q59BLTU5vV2Q6LD9SI83NO/Jy2fflgYe+',
      'Q0zn+yDuQIo1MwUTAdBgNVHQ4EFgQUckL8DKM2xgPgmpzNW8EOfw/mapEwHwYDVR0jBBgwFoAUckL8DKM2xgPgmpzN',
      'W8EOfw/mapEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA0dI6oP+l7puP3z+2FDLU96dpFSiMcG',
      'SovFhnP5fKixwCIQCj+mlG6cJGxLSdpdi6orOhzcVWlOEfXFAiKlvw+ArHXw==',
    ].join(''),
    [
      'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgd9gotYKLOja0uQSnr/a87K68TJ626OY9InI/h0BH3M',
      'mhRANCAAQWRsr2OQb8nLbscn3EfrzvB2SCPc0McEW7kskDVFad5Q59BLTU5vV2Q6LD9SI83NO/Jy2fflgYe+Q0zn+y',
      'DuQI',
    ].join(''),
  ),
  p384: certificate(
    [
      'MIIBtzCCATygAwIBAgIUBi7sBpYvEbuX7qyh5HPNlyz0yW0wCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGV2ViUlRDMC',
      'AXDTI2MTEyMTAxNDgyOVoYDzIxMjYxMDI4MDE0ODI5WjARMQ8wDQYDVQQDDAZXZWJSVEMwdjAQBgcqhkjOPQIBBgUr',
      'gQQAIgNiAAQJr0WCLhufJx/A/nbDPb9es7DOZydanIad4O87N8DD2okxSikKXQy8/IgJbYLbBtUBCXfcrBhCbxpfUU',
      'O0PyqShW2vjQ5HWEFq3pOPN+VWQhvtxRFohJqfhR+mt7C0jUGjUzBRMB0GA1UdDgQWBBTFbCigZxgtzwqTNOd0tzWA',
      'e9altjAfBgNVHSMEGDAWgBTFbCigZxgtzwqTNOd0tzWAe9altjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA2',
      'kAMGYCMQDfiRlswjwuLdzoEfzDcOPhcGhsYs9xfVyXoN0mRyQl0h2u7u8X0RKUf3iZNsfAfbMCMQDQCc0fe/VB87Fe',
      'AHEgZygoIat9S0K7VNG5RPpfejGHYwKOVQvho41FTt4rzC/8RGE=',
    ].join(''),
    [
      'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDybaTiC2z63cbODMUr3H32piZyQP0fFuj1QzmSZaVa4g',
      'RqMclHFhVEY3Ub0v6E1r6hZANiAAQJr0WCLhufJx/A/nbDPb9es7DOZydanIad4O87N8DD2okxSikKXQy8/IgJbYLb',
      'BtUBCXfcrBhCbxpfUUO0PyqShW2vjQ5HWEFq3pOPN+VWQhvtxRFohJqfhR+mt7C0jUE=',
    ].join(''),
  ),
  rsa: certificate(
    [
      'MIIDBTCCAe2gAwIBAgIUDVffCOb8Ikz/FhBA0QueAR/zkX0wDQYJKoZIhvcNAQELBQAwETEPMA0GA1UEAwwGV2ViUl',
      'RDMCAXDTI2MTEyMTAxNDgyOVoYDzIxMjYxMDI4MDE0ODI5WjARMQ8wDQYDVQQDDAZXZWJSVEMwggEiMA0GCSqGSIb3',
      'DQEBAQUAA4IBDwAwggEKAoIBAQC9N1m4fqJNbVUchRPaFmwDicChYkuWfha8UYx1UTtRQSTSqh5tSf0DFAxk4CeT8r',
      'cD4YNf5GDdwJZE3tpHxO33jPN4EQrVg23F/KqNCnxMxYya2zUmravzePWVLMRg2bB/Xtnb0x2Uvr1Og/R0WhATrVht',
      'r6FL1STRwlvZMDvW7emRfIMgc9WzBb6QjphqETfe7G5GffANiNcTI3mqlt+/rrOd1pulAl+ztfBphXEYAEk4zVCsPR',
      'k49tT8Qj0HmsLQ+EKp2D0q7R8OuL/0E3sZmZnlxmfUs0q4944T/2+mbMy5BHRqCH2YsNveBhJ5axcnS298VuMic56N',
      'BErvQe/jAgMBAAGjUzBRMB0GA1UdDgQWBBQ4ycPyfGj17ZYbapktg7xSbKyGAjAfBgNVHSMEGDAWgBQ4ycPyfGj17Z',
      'Ybapktg7xSbKyGAjAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCmzExn9PulISW2BFpEbsStrDBk',
      'vaAejM+5+jSCXmDLzcjK/Xan4aLdzhNjbiJOaHuBTLnQ9iOob9gULr0tDMlvaaUOAYXF0Jn/u0a5CvauVP8EC/HIn6',
      'ba1Y9WshWX9sXidg741gTcpTIg//grxCIXiHJOdFFDJj6BWQarnR5o9fWiNBF3gbl/LsfYBi3gxVlLO2GMTaOcDZvI',
      '8mdsgz7rHe79PESwvR+cV5ODtvLYiBR07VzXVUlMBjrqXaHnkZBwSjwIl+mIbMr8CWMfzNNseYs+yaQK5nWoXZ6DHq',
      'BGekeD7boL+NszBTyYwV8Nu7FV82eOXnaIoYCuDJaSkU77',
    ].join(''),
    [
      'MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC9N1m4fqJNbVUchRPaFmwDicChYkuWfha8UYx1UT',
      'tRQSTSqh5tSf0DFAxk4CeT8rcD4YNf5GDdwJZE3tpHxO33jPN4EQrVg23F/KqNCnxMxYya2zUmravzePWVLMRg2bB/',
      'Xtnb0x2Uvr1Og/R0WhATrVhtr6FL1STRwlvZMDvW7emRfIMgc9WzBb6QjphqETfe7G5GffANiNcTI3mqlt+/rrOd1p',
      'ulAl+ztfBphXEYAEk4zVCsPRk49tT8Qj0HmsLQ+EKp2D0q7R8OuL/0E3sZmZnlxmfUs0q4944T/2+mbMy5BHRqCH2Y',
      'sNveBhJ5axcnS298VuMic56NBErvQe/jAgMBAAECggEAOIKwbBZ9+KvfkH36ONcbeU8J1ekadB7CQYoFbgBNu+29xq',
      'ECJ1fClcnGDdaYW2pQ2HrglqIJgBEFkBoSjP62p4lUKZbFapEvFsNoWGk6SF9zp8gyLpQN19BXYC8Xk2lQeink3O9H',
      'VWZF+Y4VUy6WwJmz4EZk4NYOggsPDWWHaZ/ujVM+kJ8IxjtImKPKwpZfQw6Fg8T9eUsLr5RTcomLXqq8Yg+kf4iKo9',
      'Pomye7AtiksHkGe5cYMJcAH3H1aPfA2+AW59W1hDkHIQeQnFp7ZAsZkjl6TkE9Wz+D+C6fxnO166ub7F9pDghh2Uhq',
      'VddXsKmpbbIk4WzxZEoU9RRewQKBgQDusqz64QH0kcH3JwNNaXLc5Dod422dCuh2vUQhW/KbJpiQcbbtEUrhGNxGzi',
      'HnWwnsk0zTpppPcDJ3MI+Ttmr6RFKFaLClhoprQ+0iFxWAgLVXHM8Yd9gl4+BW2moQ88tj2S+BIhANUgDPB8E7qyT8',
      'XhoBUkEdiranYNyIagPp4QKBgQDK7nt11YIbBzx+/ldxDtwyLfT4r9USdeMUqfIWT6YdBHc1+6OAE/inL1hDj9k5Ds',
      '2+bOYP9ZEpCAq8iTBa1F6LQHl+vJoBRV7uTtWWdiK/fDqGBWrsb1EY+ekRvmiS9iBJWS/r+Fb06CvfdNaSr4q2HWs2',
      'lgVCIDWSVBfW1Jb6QwKBgQDJsX7K6m/tiXA9d+Cpe83L6qlU8gSAK2RsWNcF3Rztjrpha0TnorID7C7NQYaSaHHFTl',
      '4fhWpkb2ilIApiBUT1vd+AzQpeg4XYx2fLY3gOwjL4reYsRbAFrDy3Bw2Sz33wG+exFOg9aSo3xdS4p4+0E4ujzC4r',
      'WTenzQfr2LD/4QKBgAUE8w7OEiLDAg8OEXGdcXrYQifoiXekbNJ1BaThoXU0SBKQv9GKLOtNs3wwUaokoJgmL2aTp1',
      'yBc2qIZibI+/GrzZWB6rk/UwLH9mZ7U46y7uujtKpWcoYQoGAs+n8wEUpfJ11JzjTOjU9An5IPP3oTrjQyb7zb+Rc+',
      'dzx8E6PrAoGBALlRE5f1kmSXXqWlXXgtEcm9avQMSdWb4GPDNNs91Gmjh/b9tbMZhl5PPsVGt9egmCkM4j4SGK5Vp8',
      'iVoSSUdY1aVX2T6tle1seWXyyf8FKTU8pXAyf9LmfCfIbPaqOa84egq5WdqQLJZ0I3Uv/w83DcxbqF4Jg9yqElikMj',
      's8yt',
    ].join(''),
  ),
  ed25519: certificate(
    [
      'MIIBODCB66ADAgECAhQOdayMl2xWj3z+i7syilrtvb5e5jAFBgMrZXAwETEPMA0GA1UEAwwGV2ViUlRDMCAXDTI2MT',
      'EyMTAxNDgyOVoYDzIxMjYxMDI4MDE0ODI5WjARMQ8wDQYDVQQDDAZXZWJSVEMwKjAFBgMrZXADIQAwZSZPWEEkQILq',
      'yT59Xx243CihW8XYU+/kBxmf49xHC6NTMFEwHQYDVR0OBBYEFJHeQBrom05Sr2lpzoqvCZJLVEGlMB8GA1UdIwQYMB',
      'aAFJHeQBrom05Sr2lpzoqvCZJLVEGlMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAGk345x++46QcGyYraH8uRq1u',
      'qt6Yv9xvDSeHkrI+jlcbfal3X0ZJ9Gkkd9Z7NpFvQI4KANa3rb7LsayaVoPEDg==',
    ].join(''),
    ['MC4CAQAwBQYDK2VwBCIEIKsokoCD+Q6APSt4fpUDIEeqEAxP9zPPiDdbpxZq6wS1'].join(''),
  ),
  other: certificate(
    [
      'MIIBeTCCAR+gAwIBAgIUEirSv8muOGivzRvZIqzcWM+PxlQwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGV2ViUlRDMC',
      'AXDTI2MTEyMTAxNDgyOVoYDzIxMjYxMDI4MDE0ODI5WjARMQ8wDQYDVQQDDAZXZWJSVEMwWTATBgcqhkjOPQIBBggq',
      'hkjOPQMBBwNCAARaiBlk26I6LJdj6s+rsBxl5ZoAqujn43q0MeySYLt7Li6zw2Nbl9Cq/4mE0Kw9EtEJidhv/J7Fxb',
      '9KR8ly0CYXo1MwUTAdBgNVHQ4EFgQURRhGd2Bc6IBGYtzhflkAD4+eicQwHwYDVR0jBBgwFoAURRhGd2Bc6IBGYtzh',
      'flkAD4+eicQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAuxt5ss05UADpSC64Bh847A3mOP/lXEd',
      'DXgQUcmlTicQIhAOp1YBmJ8TIoRYvJmzJ84M1QnL+qmfo1/WIy/b3tFJpT',
    ].join(''),
    [
      'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrW++BuxKwlJySz0kQyCqkoxry86AHIt9saBPrEeIYc',
      'ihRANCAARaiBlk26I6LJdj6s+rsBxl5ZoAqujn43q0MeySYLt7Li6zw2Nbl9Cq/4mE0Kw9EtEJidhv/J7Fxb9KR8ly',
      '0CYX',
    ].join(''),
  ),
};
