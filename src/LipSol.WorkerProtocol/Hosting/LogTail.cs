namespace LipSol.WorkerProtocol;

/// <summary>The last lines of a log.</summary>
internal sealed class LogTail(int lines)
{
    private readonly Queue<string> tail = new();

    public void Add(string line)
    {
        lock (tail)
        {
            if (tail.Count == lines) tail.Dequeue();
            tail.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (tail) return string.Join('\n', tail);
    }
}
