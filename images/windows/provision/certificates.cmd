rem Test signing takes any certificate; packages and checking tools want a trusted one.
certutil.exe -addstore -f Root C:\lab\lab.cer
certutil.exe -addstore -f TrustedPublisher C:\lab\lab.cer
certutil.exe -store Root "wsklab test driver signing"
certutil.exe -store TrustedPublisher "wsklab test driver signing"
