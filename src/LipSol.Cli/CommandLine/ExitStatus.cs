namespace LipSol.Cli.CommandLine;

/// <summary>What every command ends with.</summary>
internal static class ExitStatus
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;
}

/// <summary>What was asked for can't be done as it stands: the message says what to change. Exit status 2.</summary>
internal sealed class BadInputException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>It was asked for rightly and went wrong: the message says what to do. Exit status 1.</summary>
internal sealed class CommandFailedException(string message, Exception? inner = null) : Exception(message, inner);
