namespace LipSol.WorkerProtocol;

/// <summary>Splits a process' output into lines of bounded length: a native library that prints without end can't fill the memory.</summary>
internal static class LineReader
{
    public const int LongestLine = 8192;

    public static async Task ReadAsync(TextReader reader, Action<string> onLine)
    {
        var line = new char[LongestLine];
        var length = 0;
        var buffer = new char[4096];
        int got;
        while ((got = await reader.ReadAsync(buffer.AsMemory()).ConfigureAwait(false)) > 0)
        {
            foreach (var c in buffer.AsSpan(0, got).ToArray())
            {
                if (c == '\n' || length == LongestLine)
                {
                    onLine(new string(line, 0, length).TrimEnd('\r'));
                    length = 0;
                }
                if (c != '\n') line[length++] = c;
            }
        }
        if (length > 0) onLine(new string(line, 0, length).TrimEnd('\r'));
    }
}
