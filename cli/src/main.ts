const { main } = await import('@mooring/server')
await main()
