using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LipSol.Models.Weights;

/// <summary>
/// Reads the pickle of a state_dict without unpickling: an interpreter of the few opcodes that such a file needs (https://github.com/python/cpython/blob/main/Lib/pickletools.py), which
/// builds dictionaries, numbers, texts and descriptions of tensors. It knows a handful of names (OrderedDict, torch's two tensor builders, its storages) and calls nothing; any other name,
/// and any other opcode, is refused.
/// </summary>
internal sealed class StatePickle
{
    private static readonly Dictionary<string, PickledName> Names = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = new(PickledGlobal.OrderedDict),
        ["torch._utils._rebuild_tensor_v2"] = new(PickledGlobal.RebuildTensor),
        ["torch._utils._rebuild_parameter"] = new(PickledGlobal.RebuildParameter),
        ["torch.Size"] = new(PickledGlobal.Size),
        ["torch.DoubleStorage"] = new(PickledGlobal.Storage, "F64"),
        ["torch.FloatStorage"] = new(PickledGlobal.Storage, "F32"),
        ["torch.HalfStorage"] = new(PickledGlobal.Storage, "F16"),
        ["torch.BFloat16Storage"] = new(PickledGlobal.Storage, "BF16"),
        ["torch.LongStorage"] = new(PickledGlobal.Storage, "I64"),
        ["torch.IntStorage"] = new(PickledGlobal.Storage, "I32"),
        ["torch.ShortStorage"] = new(PickledGlobal.Storage, "I16"),
        ["torch.CharStorage"] = new(PickledGlobal.Storage, "I8"),
        ["torch.ByteStorage"] = new(PickledGlobal.Storage, "U8"),
        ["torch.BoolStorage"] = new(PickledGlobal.Storage, "BOOL"),
    };

    private static readonly object Mark = new();
    private readonly byte[] bytes;
    private readonly List<object?> stack = [];
    private readonly Dictionary<uint, object?> memo = [];
    private int at;

    private StatePickle(byte[] bytes) => this.bytes = bytes;

    /// <summary>What the pickle describes.</summary>
    /// <exception cref="UnusableWeightsException">It holds anything that a state_dict doesn't need, or isn't a pickle.</exception>
    public static object? Read(byte[] bytes)
    {
        var pickle = new StatePickle(bytes);
        try
        {
            return pickle.Run();
        }
        catch (Exception e) when (e is OverflowException or KeyNotFoundException)
        {
            throw new UnusableWeightsException($"The state_dict's data.pkl is damaged at byte {pickle.at}: {e.Message}", e);
        }
    }

    private object? Run()
    {
        while (true)
        {
            var place = at;
            var opcode = Take(1)[0];
            switch (opcode)
            {
                case 0x80: if (Take(1)[0] is < 2 or > 5) throw Damaged("it's of another protocol than 2 to 5"); break; // PROTO
                case 0x95: Take(8); break; // FRAME
                case (byte)'(': stack.Add(Mark); break; // MARK
                case (byte)'.': return stack is [var result] ? result : throw Damaged("it ends with more or less than one value"); // STOP
                case (byte)'N': stack.Add(null); break; // NONE
                case 0x88: stack.Add(true); break; // NEWTRUE
                case 0x89: stack.Add(false); break; // NEWFALSE
                case (byte)'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break; // BININT
                case (byte)'K': stack.Add((long)Take(1)[0]); break; // BININT1
                case (byte)'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break; // BININT2
                case 0x8a: stack.Add(Long(Take(Take(1)[0]))); break; // LONG1
                case (byte)'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break; // BINFLOAT
                case (byte)'X': stack.Add(Text(Take(Length()))); break; // BINUNICODE
                case 0x8c: stack.Add(Text(Take(Take(1)[0]))); break; // SHORT_BINUNICODE
                case (byte)'}': stack.Add(new PickledDictionary()); break; // EMPTY_DICT
                case (byte)']': stack.Add(new List<object?>()); break; // EMPTY_LIST
                case (byte)')': stack.Add(Array.Empty<object?>()); break; // EMPTY_TUPLE
                case (byte)'t': stack.Add(ToMark()); break; // TUPLE
                case 0x85 or 0x86 or 0x87: stack.Add(Pop(opcode - 0x84)); break; // TUPLE1, TUPLE2, TUPLE3
                case (byte)'a': { var item = Pop(); As<List<object?>>(Peek()).Add(item); break; } // APPEND
                case (byte)'e': { var items = ToMark(); As<List<object?>>(Peek()).AddRange(items); break; } // APPENDS
                case (byte)'s': SetItems(Pop(2)); break; // SETITEM
                case (byte)'u': SetItems(ToMark()); break; // SETITEMS
                case (byte)'q': memo[Take(1)[0]] = Peek(); break; // BINPUT
                case (byte)'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break; // LONG_BINPUT
                case 0x94: memo[(uint)memo.Count] = Peek(); break; // MEMOIZE
                case (byte)'h': stack.Add(memo[Take(1)[0]]); break; // BINGET
                case (byte)'j': stack.Add(memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))]); break; // LONG_BINGET
                case (byte)'c': { var module = Line(); stack.Add(Named(module, Line())); break; } // GLOBAL
                case 0x93: { var name = As<string>(Pop()); stack.Add(Named(As<string>(Pop()), name)); break; } // STACK_GLOBAL
                case (byte)'Q': stack.Add(Storage(As<object?[]>(Pop()))); break; // BINPERSID
                case (byte)'R': { var arguments = As<object?[]>(Pop()); stack.Add(Rebuilt(As<PickledName>(Pop()), arguments)); break; } // REDUCE
                // An OrderedDict's attributes (a module's _metadata): nothing of them is needed.
                case (byte)'b': Pop(); As<PickledDictionary>(Peek()); break; // BUILD
                default: throw Refused($"the opcode 0x{opcode:x2} at byte {place}");
            }
        }
    }

    private static PickledName Named(string module, string name) => Names.TryGetValue($"{module}.{name}", out var known) ? known : throw Refused($"the name {Printable($"{module}.{name}")}");

    private object? Rebuilt(PickledName callable, object?[] arguments) => (callable.Kind, arguments) switch
    {
        (PickledGlobal.OrderedDict, []) => new PickledDictionary(),
        (PickledGlobal.Size, [object?[] sizes]) => sizes,
        (PickledGlobal.RebuildParameter, [PickledTensor data, ..]) => data,
        (PickledGlobal.RebuildTensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..]) when shape.Length == strides.Length =>
            new PickledTensor(storage, offset, [.. shape.Select(As<long>)], [.. strides.Select(As<long>)]),
        _ => throw Refused($"a {callable.Kind} of {arguments.Length} arguments of other kinds than torch.save writes"),
    };

    // ('storage', torch.FloatStorage, key, location, count)
    private static PickledStorage Storage(object?[] id) => id is ["storage", PickledName { Kind: PickledGlobal.Storage } type, string key, string, long count] && key.Length is > 0 and <= 40 && key.All(char.IsAsciiLetterOrDigit)
        ? new PickledStorage(type.Type, key, count)
        : throw Refused("a reference to something that isn't a storage");

    private void SetItems(object?[] items)
    {
        var target = As<PickledDictionary>(Peek());
        if (items.Length % 2 != 0) throw Damaged("a key has no value");
        for (var i = 0; i < items.Length; i += 2)
            target.Items.Add(new(items[i] is string or long ? items[i]! : throw Refused("a key that is neither text nor a whole number"), items[i + 1]));
    }

    private T As<T>(object? value) => value is T expected ? expected : throw Damaged($"a value isn't the {typeof(T).Name} that is needed there");

    private object?[] ToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        if (mark < 0) throw Damaged("a mark is missing");
        object?[] items = [.. stack.Skip(mark + 1)];
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    private object?[] Pop(int count)
    {
        if (stack.Count < count) throw Damaged("a value is missing");
        object?[] items = [.. stack.Skip(stack.Count - count)];
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    private object? Pop() => Pop(1)[0];

    private object? Peek() => stack.Count > 0 ? stack[^1] : throw Damaged("a value is missing");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || bytes.Length - at < count) throw Damaged("it ends too early");
        at += count;
        return bytes.AsSpan(at - count, count);
    }

    private int Length() => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));

    private string Line()
    {
        var end = Array.IndexOf(bytes, (byte)'\n', at);
        if (end < 0) throw Damaged("it ends too early");
        var line = Text(Take(end - at));
        Take(1);
        return line;
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static long Long(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian.Length > 8) throw new OverflowException("a number of more than 64 bits");
        var value = littleEndian.Length > 0 && littleEndian[^1] >= 0x80 ? -1L : 0L;
        for (var i = littleEndian.Length - 1; i >= 0; i--) value = value << 8 | littleEndian[i];
        return value;
    }

    private static string Printable(string text) => string.Concat(text.Take(120).Select(c => char.IsControl(c) ? "�" : c.ToString(CultureInfo.InvariantCulture)));

    private UnusableWeightsException Damaged(string what) => new($"The state_dict's data.pkl is damaged or cut short at byte {at}: {what}. Copy or save it again.");

    private static UnusableWeightsException Refused(string what) =>
        new($"The state_dict holds {what}, which no state_dict needs. It's refused, and nothing of it was executed. Save what is wanted alone: torch.save(model.state_dict(), …), or as safetensors.");
}
