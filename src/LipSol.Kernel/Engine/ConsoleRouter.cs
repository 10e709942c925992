using System.Text;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Sends what is written to the console by a cell, or by a task that it started, to that cell; everything else goes on to the real console. What a cell reads, its person is asked for.
/// Installed for as long as an engine lives; engines of one process share it.
/// </summary>
internal sealed class ConsoleRouter : TextWriter
{
    private static readonly Lock Gate = new();
    private static int _users;
    private static (TextWriter Out, TextWriter Error, TextReader In) _before;
    private readonly TextWriter _console;
    private readonly string _stream;

    private ConsoleRouter(TextWriter console, string stream)
    {
        _console = console;
        _stream = stream;
    }

    public override Encoding Encoding => _console.Encoding;

    public static void Install()
    {
        lock (Gate)
        {
            if (_users++ > 0)
                return;
            _before = (Console.Out, Console.Error, Console.In);
            Console.SetOut(new ConsoleRouter(_before.Out, "stdout"));
            Console.SetError(new ConsoleRouter(_before.Error, "stderr"));
            Console.SetIn(new ConsoleInput(_before.In));
            Unlock("s_out", new ConsoleRouter(_before.Out, "stdout"));
            Unlock("s_error", new ConsoleRouter(_before.Error, "stderr"));
            Unlock("s_in", new ConsoleInput(_before.In));
        }
    }

    public static void Remove()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            Console.SetOut(_before.Out);
            Console.SetError(_before.Error);
            Console.SetIn(_before.In);
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        if (KernelInvocationContext.Current is { } cell)
            cell.Publish(new StreamOutput(_stream, value));
        else
            _console.Write(value);
    }

    public override void WriteLine() => Write("\n");

    // A line is written whole: several threads write at once, and nothing keeps them apart.
    public override void WriteLine(bool value) => WriteLine(value.ToString());

    public override void WriteLine(char value) => Write($"{value}\n");

    public override void WriteLine(int value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(uint value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(long value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(ulong value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(float value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(double value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(decimal value) => WriteLine(value.ToString(FormatProvider));

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void Flush() => _console.Flush();

    // Console puts a lock around what it is given, and takes it too for what goes to the standard output itself: a cell's thread that writes and the kernel that passes it on would wait for each
    // other. These need none. Should .NET rename the field, the lock is back and all else works.
    private static void Unlock(string field, object writer) =>
        typeof(Console).GetField(field, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)?.SetValue(null, writer);
}
