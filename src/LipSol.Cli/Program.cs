return await LipSol.Cli.CommandLine.LipSolCommandLine.RunAsync(args);
