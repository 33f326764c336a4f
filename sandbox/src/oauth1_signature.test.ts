import { describe, expect, test } from 'vitest'
import {
  decodePairs,
  isSignatureValid,
  parseOAuthHeader,
  percentEncode,
  signatureBaseString,
} from './oauth1_signature.ts'
import type { Pair, SignatureMethod } from './oauth1_signature.ts'

interface Vector {
  source: string
  method: string
  url: string
  form?: string
  oauth: Record<string, string>
  consumerSecret: string
  tokenSecret: string
  baseString: string
  signature: string
}

const wikiPublicKey = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC0YjCwIfYoprq/FQO6lb3asXrx
LlJFuCvtinTF5p0GxvQGu5O3gYytUvtC2JlYzypSRjVxwxrsuRcP3e641SdASwfr
mzyvIgP08N4S0IFzEURkV1wp/IpH7kH41EtbmUmrXSwfNZsnQRE5SYSOhh+LcK2w
yQkdgcMv11l4KoBkcwIDAQAB
-----END PUBLIC KEY-----
`

const vectors: Vector[] = [
  {
    source: 'X developer documentation, "Creating a signature"',
    method: 'POST',
    url: 'https://api.twitter.com/1.1/statuses/update.json?include_entities=true',
    form: 'status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21',
    oauth: {
      oauth_consumer_key: 'xvz1evFS4wEEPTGEFPHBog',
      oauth_nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '1318622958',
      oauth_token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
      oauth_version: '1.0',
    },
    consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
    tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    baseString:
      'POST&https%3A%2F%2Fapi.twitter.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue%26oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog%26oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958%26oauth_token%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0%26status%3DHello%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520request%2521',
    signature: 'hCtSmYh+iHYCEqBWrE7C7hYmtUk=',
  },
  {
    source: 'liboauth self test: port 80, repeated names, reserved characters in secrets',
    method: 'GET',
    url: 'http://example.com:80/photo?title=taken%20with%20a%2030%25%20orange%20filter&file=mountain%20%26%20water%20view&format=jpeg&include=date&include=aperture',
    oauth: {
      oauth_version: '1.0',
      oauth_consumer_key: '1234=asdf=4567',
      oauth_timestamp: '12303202302',
      oauth_nonce: '3jd834jd9',
      oauth_token: 'asdf-4354=asew-5698',
      oauth_signature_method: 'HMAC-SHA1',
    },
    consumerSecret: 'erks823*43=asd&123ls%23',
    tokenSecret: 'dis9$#$Js009%==',
    baseString:
      'GET&http%3A%2F%2Fexample.com%2Fphoto&file%3Dmountain%2520%2526%2520water%2520view%26format%3Djpeg%26include%3Daperture%26include%3Ddate%26oauth_consumer_key%3D1234%253Dasdf%253D4567%26oauth_nonce%3D3jd834jd9%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D12303202302%26oauth_token%3Dasdf-4354%253Dasew-5698%26oauth_version%3D1.0%26title%3Dtaken%2520with%2520a%252030%2525%2520orange%2520filter',
    signature: 'jMdUSR1vOr3SzNv3gZ5DDDuGirA=',
  },
  {
    source: 'NetSuite help, "Constructing the Signature for Step One of the TBA Authorization Flow"',
    method: 'POST',
    url: 'https://1234567.restlets.api.netsuite.com/rest/requesttoken?role=45678',
    oauth: {
      oauth_consumer_key: '60712990bc09623786e7047c226bcb3f86d49dca0b04efc21001dc76d97a81f5',
      oauth_nonce: 'bUvpxBX93OWo0FLswq5M',
      oauth_timestamp: '1575998103',
      oauth_callback: 'https://my.example.com/TBA/?callbackRequest',
      oauth_signature_method: 'HMAC-SHA256',
      oauth_version: '1.0',
    },
    consumerSecret: '60712990bc09623786e7047c226bcb3f86d49dca0b04efc21001dc76d97a81f5',
    tokenSecret: '',
    baseString:
      'POST&https%3A%2F%2F1234567.restlets.api.netsuite.com%2Frest%2Frequesttoken&oauth_callback%3Dhttps%253A%252F%252Fmy.example.com%252FTBA%252F%253FcallbackRequest%26oauth_consumer_key%3D60712990bc09623786e7047c226bcb3f86d49dca0b04efc21001dc76d97a81f5%26oauth_nonce%3DbUvpxBX93OWo0FLswq5M%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1575998103%26oauth_version%3D1.0%26role%3D45678',
    signature: '7kgwwmiAylqeMdHjCBnIUUW+drDrGCbZGBkuCt39J90=',
  },
  {
    source: 'wiki.oauth.net test cases, RSA-SHA1',
    method: 'GET',
    url: 'http://photos.example.net/photos?file=vacaction.jpg&size=original',
    oauth: {
      oauth_consumer_key: 'dpf43f3p2l4k3l03',
      oauth_signature_method: 'RSA-SHA1',
      oauth_timestamp: '1196666512',
      oauth_nonce: '13917289812797014437',
      oauth_version: '1.0',
    },
    consumerSecret: '',
    tokenSecret: '',
    baseString:
      'GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacaction.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3D13917289812797014437%26oauth_signature_method%3DRSA-SHA1%26oauth_timestamp%3D1196666512%26oauth_version%3D1.0%26size%3Doriginal',
    signature:
      'jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4BwpraNx4RtEXMe5qg5T1LVTGliMRpKasKsW//e+RinhejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV/vBka5twt399mXwaYdCwFYE=',
  },
  {
    source: 'RFC 5849 section 2.1, PLAINTEXT',
    method: 'POST',
    url: 'https://server.example.com/request_temp_credentials',
    oauth: {
      oauth_consumer_key: 'jd83jd92dhsh93js',
      oauth_signature_method: 'PLAINTEXT',
      oauth_callback: 'http://client.example.net/cb?x=1',
    },
    consumerSecret: 'ja893SD9',
    tokenSecret: '',
    baseString:
      'POST&https%3A%2F%2Fserver.example.com%2Frequest_temp_credentials&oauth_callback%3Dhttp%253A%252F%252Fclient.example.net%252Fcb%253Fx%253D1%26oauth_consumer_key%3Djd83jd92dhsh93js%26oauth_signature_method%3DPLAINTEXT',
    signature: 'ja893SD9&',
  },
]

const pairsOf = ({ url, form = '', oauth }: Vector): Pair[] => [
  ...decodePairs(url.split('?')[1] ?? ''),
  ...decodePairs(form),
  ...Object.entries(oauth),
]

describe('the OAuth 1.0a signature check', () => {
  for (const vector of vectors) {
    test(`agrees with ${vector.source}`, () => {
      const baseString = signatureBaseString(vector.method, vector.url, pairsOf(vector))
      expect(baseString).toBe(vector.baseString)
      const keys = {
        consumerSecret: vector.consumerSecret,
        tokenSecret: vector.tokenSecret,
        rsaPublicKey: wikiPublicKey,
      }
      const method: SignatureMethod =
        (['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'PLAINTEXT'] as const).find(
          (name) => name === vector.oauth.oauth_signature_method,
        ) ?? 'RSA-SHA256'
      expect(isSignatureValid(method, baseString, vector.signature, keys)).toBe(true)
      const tampered = vector.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
      expect(isSignatureValid(method, baseString, tampered, keys)).toBe(false)
    })
  }

  test('puts the parameters of RFC 5849 section 3.4.1.3.1 into the published order', () => {
    const pairs = [...decodePairs('b5=%3D%253D&a3=a&c%40=&a2=r%20b'), ...decodePairs('c2&a3=2+q')]
    const baseString = signatureBaseString('POST', 'http://example.com/request', pairs)
    expect(decodeURIComponent(baseString.split('&')[2] ?? '')).toBe('a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=')
  })

  test('encodes octets, not characters', () => {
    expect(percentEncode("Ladies + “¾”*!'()")).toBe('Ladies%20%2B%20%E2%80%9C%C2%BE%E2%80%9D%2A%21%27%28%29')
  })

  test('reads an Authorization header with a realm and line breaks', () => {
    const header = 'OAuth realm="Photos",\n  oauth_consumer_key="a%20b",oauth_signature="x%3D"'
    expect(parseOAuthHeader(header)).toEqual([
      ['realm', 'Photos'],
      ['oauth_consumer_key', 'a b'],
      ['oauth_signature', 'x='],
    ])
    expect(parseOAuthHeader('Bearer x')).toBeUndefined()
  })
})
