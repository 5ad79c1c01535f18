// Every opcode, documented or not, against a reference made of tables: names and modes as text, flags as separate booleans,
// effects as formulas.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "atari/machine/plain_cpu.h"

namespace trellis::atari::test {
namespace {

// Sixteen to a row: operation, mode, cycles.
constexpr const char* kTable = R"(
BRK- 7 ORAix6 HLT- 2 SLOix8 NOPzp3 ORAzp3 ASLzp5 SLOzp5 PHP- 3 ORA# 2 ASLA 2 ANC# 2 NOPab4 ORAab4 ASLab6 SLOab6
BPLr 2 ORAiy5 HLT- 2 SLOiy8 NOPzx4 ORAzx4 ASLzx6 SLOzx6 CLC- 2 ORAay4 NOP- 2 SLOay7 NOPax4 ORAax4 ASLax7 SLOax7
JSRab6 ANDix6 HLT- 2 RLAix8 BITzp3 ANDzp3 ROLzp5 RLAzp5 PLP- 4 AND# 2 ROLA 2 ANC# 2 BITab4 ANDab4 ROLab6 RLAab6
BMIr 2 ANDiy5 HLT- 2 RLAiy8 NOPzx4 ANDzx4 ROLzx6 RLAzx6 SEC- 2 ANDay4 NOP- 2 RLAay7 NOPax4 ANDax4 ROLax7 RLAax7
RTI- 6 EORix6 HLT- 2 SREix8 NOPzp3 EORzp3 LSRzp5 SREzp5 PHA- 3 EOR# 2 LSRA 2 ASR# 2 JMPab3 EORab4 LSRab6 SREab6
BVCr 2 EORiy5 HLT- 2 SREiy8 NOPzx4 EORzx4 LSRzx6 SREzx6 CLI- 2 EORay4 NOP- 2 SREay7 NOPax4 EORax4 LSRax7 SREax7
RTS- 6 ADCix6 HLT- 2 RRAix8 NOPzp3 ADCzp3 RORzp5 RRAzp5 PLA- 4 ADC# 2 RORA 2 ARR# 2 JMPin5 ADCab4 RORab6 RRAab6
BVSr 2 ADCiy5 HLT- 2 RRAiy8 NOPzx4 ADCzx4 RORzx6 RRAzx6 SEI- 2 ADCay4 NOP- 2 RRAay7 NOPax4 ADCax4 RORax7 RRAax7
NOP# 2 STAix6 NOP# 2 SAXix6 STYzp3 STAzp3 STXzp3 SAXzp3 DEY- 2 NOP# 2 TXA- 2 ANE# 2 STYab4 STAab4 STXab4 SAXab4
BCCr 2 STAiy6 HLT- 2 SHAiy6 STYzx4 STAzx4 STXzy4 SAXzy4 TYA- 2 STAay5 TXS- 2 SHSay5 SHYax5 STAax5 SHXay5 SHAay5
LDY# 2 LDAix6 LDX# 2 LAXix6 LDYzp3 LDAzp3 LDXzp3 LAXzp4 TAY- 2 LDA# 2 TAX- 2 LXA# 2 LDYab4 LDAab4 LDXab4 LAXab4
BCSr 2 LDAiy5 HLT- 2 LAXiy5 LDYzx4 LDAzx4 LDXzy4 LAXzy4 CLV- 2 LDAay4 TSX- 2 LASay4 LDYax4 LDAax4 LDXay4 LAXay4
CPY# 2 CMPix6 NOP# 2 DCPix8 CPYzp3 CMPzp3 DECzp5 DCPzp5 INY- 2 CMP# 2 DEX- 2 SBX# 2 CPYab4 CMPab4 DECab6 DCPab6
BNEr 2 CMPiy5 HLT- 2 DCPiy8 NOPzx4 CMPzx4 DECzx6 DCPzx6 CLD- 2 CMPay4 NOP- 2 DCPay7 NOPax4 CMPax4 DECax7 DCPax7
CPX# 2 SBCix6 NOP# 2 ISBix8 CPXzp3 SBCzp3 INCzp5 ISBzp5 INX- 2 SBC# 2 NOP- 2 SBC# 2 CPXab4 SBCab4 INCab6 ISBab6
BEQr 2 SBCiy5 HLT- 2 ISBiy8 NOPzx4 SBCzx4 INCzx6 ISBzx6 SED- 2 SBCay4 NOP- 2 ISBay7 NOPax4 SBCax4 INCax7 ISBax7
)";

struct Entry {
  std::string name, mode;
  int cycles;
};

std::vector<Entry> parseTable() {
  std::vector<Entry> entries;
  std::istringstream text(kTable);
  for (std::string line; std::getline(text, line);)
    for (size_t at = 0; at + 6 <= line.size(); at += 7) {
      std::string mode = line.substr(at + 3, 2);
      if (mode[1] == ' ') mode.pop_back();
      entries.push_back({line.substr(at, 3), mode, line[at + 5] - '0'});
    }
  return entries;
}

struct Memory64K {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(65536);
  std::vector<std::pair<int, int>> writes;
  uint32_t time = 0;

  uint32_t& cycle() { return time; }
  uint8_t read(uint16_t address) { return bytes[address]; }
  void write(uint16_t address, uint8_t value) {
    writes.emplace_back(address, value);
    bytes[address] = value;
  }
};

struct Registers {
  int a, x, y, sp, pc;
  bool n, v, d, i, z, c;
  bool operator==(const Registers&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Registers& r) {
  return out << std::hex << "A=" << r.a << " X=" << r.x << " Y=" << r.y << " SP=" << r.sp << " PC=" << r.pc
             << " NVDIZC=" << r.n << r.v << r.d << r.i << r.z << r.c;
}

// One instruction by the book.
class Reference {
 public:
  Reference(Memory64K& memory, Registers& r) : m_(memory), r_(r) {}

  void step(const Entry& entry) {
    m_.time += static_cast<uint32_t>(entry.cycles);
    ++r_.pc;
    locate(entry);
    run(entry.name, entry.mode == "A");
    r_.pc &= 0xFFFF;
  }

 private:
  int byte(int address) { return m_.read(static_cast<uint16_t>(address)); }
  void store(int address, int value) { m_.write(static_cast<uint16_t>(address), static_cast<uint8_t>(value)); }
  int next() {
    const int value = byte(r_.pc);
    r_.pc = (r_.pc + 1) & 0xFFFF;
    return value;
  }
  void push(int value) {
    store(0x100 + r_.sp, value);
    r_.sp = (r_.sp - 1) & 0xFF;
  }
  int pull() {
    r_.sp = (r_.sp + 1) & 0xFF;
    return byte(0x100 + r_.sp);
  }
  void indexed(int base, int index, const Entry& entry) {
    at_ = (base + index) & 0xFFFF;
    // Reading instructions: their table cycles are 4 (absolute) or 5 (through a pointer) and are not stores.
    const bool reads = entry.cycles == (entry.mode == "iy" ? 5 : 4);
    if (reads && (base >> 8) != (at_ >> 8)) ++m_.time;
  }
  void locate(const Entry& entry) {
    const std::string& mode = entry.mode;
    if (mode == "#") at_ = r_.pc, r_.pc = (r_.pc + 1) & 0xFFFF;
    if (mode == "zp" || mode == "r") at_ = next();
    if (mode == "zx") at_ = (next() + r_.x) & 0xFF;
    if (mode == "zy") at_ = (next() + r_.y) & 0xFF;
    if (mode[0] == 'a' || mode == "in") {
      if (entry.name == "JSR") return;
      int address = next();
      address |= next() << 8;
      at_ = address;
      if (mode == "ax") indexed(address, r_.x, entry);
      if (mode == "ay") indexed(address, r_.y, entry);
      if (mode == "in") at_ = byte(address) | byte((address & 0xFF00) | ((address + 1) & 0xFF)) << 8;
    }
    if (mode == "ix") {
      const int pointer = (next() + r_.x) & 0xFF;
      at_ = byte(pointer) | byte(pointer + 1) << 8;
    }
    if (mode == "iy") {
      const int pointer = next();
      indexed(byte(pointer) | byte(pointer + 1) << 8, r_.y, entry);
    }
  }
  int nz(int value) {
    value &= 0xFF;
    r_.n = value & 0x80;
    r_.z = value == 0;
    return value;
  }
  static int number(int byte) { return (byte / 16) * 10 + byte % 16; }
  static int packed(int number) { return number / 10 * 16 + number % 10; }
  void add(int m) {
    const int a = r_.a;
    if (r_.d) {
      const int sum = number(a) + number(m) + r_.c;
      r_.a = nz(packed((sum % 256) % 100));
      r_.c = sum > 99;
      r_.v = ((a ^ r_.a) & 0x80) && ((r_.a ^ m) & 0x80);
    } else {
      const int sum = a + m + r_.c, wide = static_cast<int8_t>(a) + static_cast<int8_t>(m) + r_.c;
      r_.a = nz(sum);
      r_.c = sum > 255;
      r_.v = wide > 127 || wide < -128;
    }
  }
  void subtract(int m) {
    if (!r_.d) return add(m ^ 0xFF);
    const int a = r_.a;
    int difference = number(a) - number(m) - !r_.c;
    if (difference < 0) difference += 100;
    r_.a = nz(difference < 0 ? number(256 + difference) : packed(difference % 100));
    r_.c = a >= m + !r_.c;
    r_.v = ((a ^ r_.a) & 0x80) && ((r_.a ^ m) & 0x80);
  }
  void compare(int reg, int m) {
    nz(reg - m);
    r_.c = reg >= m;
  }
  int shift(const std::string& name, int m) {
    const bool in = r_.c;
    if (name == "ASL" || name == "SLO" || name == "ROL" || name == "RLA") {
      r_.c = m & 0x80;
      return (m * 2 + (name[0] == 'R' ? in : 0)) & 0xFF;
    }
    if (name == "LSR" || name == "SRE" || name == "ROR" || name == "RRA") {
      r_.c = m & 1;
      return m / 2 + (name[0] == 'R' && in ? 128 : 0);
    }
    return (name == "DEC" || name == "DCP" ? m + 255 : m + 1) & 0xFF;
  }
  int status() const { return r_.n << 7 | r_.v << 6 | 0x30 | r_.d << 3 | r_.i << 2 | r_.z << 1 | r_.c; }
  void setStatus(int s) { r_.n = s & 128, r_.v = s & 64, r_.d = s & 8, r_.i = s & 4, r_.z = s & 2, r_.c = s & 1; }
  void branch(bool taken) {
    if (!taken) return;
    const int target = (r_.pc + static_cast<int8_t>(at_)) & 0xFFFF;
    m_.time += (target >> 8) == (r_.pc >> 8) ? 1 : 2;
    r_.pc = target;
  }
  void arr(int m) {
    const int v = r_.a & m, carry = r_.c;
    r_.a = nz(v / 2 + 128 * carry);
    if (!r_.d) {
      r_.c = r_.a & 0x40;
      r_.v = ((r_.a >> 6) ^ (r_.a >> 5)) & 1;
      return;
    }
    r_.v = (v ^ r_.a) & 0x40;
    if ((v & 15) + (v & 1) > 5) r_.a = (r_.a & 0xF0) + ((r_.a + 6) & 0x0F);
    r_.c = (v & 0xF0) + (v & 0x10) > 0x50;
    if (r_.c) r_.a = (r_.a + 0x60) & 0xFF;
  }

  void run(const std::string& name, bool accumulator) {
    using Action = void (*)(Reference&, int);
    static const std::map<std::string, Action> reads = {
        {"LDA", [](Reference& t, int m) { t.r_.a = t.nz(m); }},
        {"LDX", [](Reference& t, int m) { t.r_.x = t.nz(m); }},
        {"LDY", [](Reference& t, int m) { t.r_.y = t.nz(m); }},
        {"LAX", [](Reference& t, int m) { t.r_.a = t.r_.x = t.nz(m); }},
        {"ADC", [](Reference& t, int m) { t.add(m); }},
        {"SBC", [](Reference& t, int m) { t.subtract(m); }},
        {"AND", [](Reference& t, int m) { t.r_.a = t.nz(t.r_.a & m); }},
        {"ORA", [](Reference& t, int m) { t.r_.a = t.nz(t.r_.a | m); }},
        {"EOR", [](Reference& t, int m) { t.r_.a = t.nz(t.r_.a ^ m); }},
        {"CMP", [](Reference& t, int m) { t.compare(t.r_.a, m); }},
        {"CPX", [](Reference& t, int m) { t.compare(t.r_.x, m); }},
        {"CPY", [](Reference& t, int m) { t.compare(t.r_.y, m); }},
        {"BIT", [](Reference& t, int m) { t.r_.n = m & 128, t.r_.v = m & 64, t.r_.z = !(t.r_.a & m); }},
        {"ANC", [](Reference& t, int m) { t.r_.c = (t.r_.a = t.nz(t.r_.a & m)) & 128; }},
        {"ASR", [](Reference& t, int m) { t.r_.a &= m, t.r_.c = t.r_.a & 1, t.r_.a = t.nz(t.r_.a / 2); }},
        {"ARR", [](Reference& t, int m) { t.arr(m); }},
        {"ANE", [](Reference& t, int m) { t.r_.a = t.nz((t.r_.a | 0xEE) & t.r_.x & m); }},
        {"LXA", [](Reference& t, int m) { t.r_.a = t.r_.x = t.nz((t.r_.a | 0xEE) & m); }},
        {"SBX", [](Reference& t, int m) { t.r_.c = (t.r_.a & t.r_.x) >= m, t.r_.x = t.nz((t.r_.a & t.r_.x) - m); }},
        {"LAS", [](Reference& t, int m) { t.r_.a = t.r_.x = t.r_.sp = t.nz(t.r_.sp & m); }}};
    static const std::map<std::string, Action> others = {
        {"STA", [](Reference& t, int) { t.store(t.at_, t.r_.a); }},
        {"STX", [](Reference& t, int) { t.store(t.at_, t.r_.x); }},
        {"STY", [](Reference& t, int) { t.store(t.at_, t.r_.y); }},
        {"SAX", [](Reference& t, int) { t.store(t.at_, t.r_.a & t.r_.x); }},
        {"SHA", [](Reference& t, int) { t.store(t.at_, t.r_.a & t.r_.x & ((t.at_ >> 8) + 1)); }},
        {"SHX", [](Reference& t, int) { t.store(t.at_, t.r_.x & ((t.at_ >> 8) + 1)); }},
        {"SHY", [](Reference& t, int) { t.store(t.at_, t.r_.y & ((t.at_ >> 8) + 1)); }},
        {"SHS", [](Reference& t, int) { t.r_.sp = t.r_.a & t.r_.x, t.store(t.at_, t.r_.sp & ((t.at_ >> 8) + 1)); }},
        {"BCC", [](Reference& t, int) { t.branch(!t.r_.c); }},
        {"BCS", [](Reference& t, int) { t.branch(t.r_.c); }},
        {"BNE", [](Reference& t, int) { t.branch(!t.r_.z); }},
        {"BEQ", [](Reference& t, int) { t.branch(t.r_.z); }},
        {"BPL", [](Reference& t, int) { t.branch(!t.r_.n); }},
        {"BMI", [](Reference& t, int) { t.branch(t.r_.n); }},
        {"BVC", [](Reference& t, int) { t.branch(!t.r_.v); }},
        {"BVS", [](Reference& t, int) { t.branch(t.r_.v); }},
        {"CLC", [](Reference& t, int) { t.r_.c = false; }}, {"SEC", [](Reference& t, int) { t.r_.c = true; }},
        {"CLD", [](Reference& t, int) { t.r_.d = false; }}, {"SED", [](Reference& t, int) { t.r_.d = true; }},
        {"CLI", [](Reference& t, int) { t.r_.i = false; }}, {"SEI", [](Reference& t, int) { t.r_.i = true; }},
        {"CLV", [](Reference& t, int) { t.r_.v = false; }}, {"NOP", [](Reference&, int) {}}, {"HLT", [](Reference&, int) {}},
        {"INX", [](Reference& t, int) { t.r_.x = t.nz(t.r_.x + 1); }},
        {"INY", [](Reference& t, int) { t.r_.y = t.nz(t.r_.y + 1); }},
        {"DEX", [](Reference& t, int) { t.r_.x = t.nz(t.r_.x + 255); }},
        {"DEY", [](Reference& t, int) { t.r_.y = t.nz(t.r_.y + 255); }},
        {"TAX", [](Reference& t, int) { t.r_.x = t.nz(t.r_.a); }}, {"TAY", [](Reference& t, int) { t.r_.y = t.nz(t.r_.a); }},
        {"TXA", [](Reference& t, int) { t.r_.a = t.nz(t.r_.x); }}, {"TYA", [](Reference& t, int) { t.r_.a = t.nz(t.r_.y); }},
        {"TSX", [](Reference& t, int) { t.r_.x = t.nz(t.r_.sp); }}, {"TXS", [](Reference& t, int) { t.r_.sp = t.r_.x; }},
        {"PHA", [](Reference& t, int) { t.push(t.r_.a); }}, {"PHP", [](Reference& t, int) { t.push(t.status()); }},
        {"PLA", [](Reference& t, int) { t.r_.a = t.nz(t.pull()); }}, {"PLP", [](Reference& t, int) { t.setStatus(t.pull()); }},
        {"JMP", [](Reference& t, int) { t.r_.pc = t.at_; }},
        {"JSR", [](Reference& t, int) {
           const int low = t.next();
           t.push(t.r_.pc >> 8), t.push(t.r_.pc & 0xFF);
           t.r_.pc = low | t.byte(t.r_.pc) << 8;
         }},
        {"RTS", [](Reference& t, int) {
           const int low = t.pull();
           t.r_.pc = (low | t.pull() << 8) + 1;
         }},
        {"RTI", [](Reference& t, int) {
           t.setStatus(t.pull());
           const int low = t.pull();
           t.r_.pc = low | t.pull() << 8;
         }},
        {"BRK", [](Reference& t, int) {
           t.next();
           t.push(t.r_.pc >> 8), t.push(t.r_.pc & 0xFF), t.push(t.status());
           t.r_.i = true;
           t.r_.pc = t.byte(0xFFFE) | t.byte(0xFFFF) << 8;
         }}};
    if (const auto found = reads.find(name); found != reads.end()) return found->second(*this, byte(at_));
    if (const auto found = others.find(name); found != others.end()) return found->second(*this, 0);
    const int result = shift(name, accumulator ? r_.a : byte(at_));
    if (accumulator) {
      r_.a = nz(result);
      return;
    }
    store(at_, result);
    if (name == "SLO") r_.a = nz(r_.a | result);
    else if (name == "RLA") r_.a = nz(r_.a & result);
    else if (name == "SRE") r_.a = nz(r_.a ^ result);
    else if (name == "RRA") add(result);
    else if (name == "DCP") compare(r_.a, result);
    else if (name == "ISB") subtract(result);
    else nz(result);
  }

  Memory64K& m_;
  Registers& r_;
  int at_ = 0;
};

Registers registersOf(const CpuState& cpu) {
  const int p = packStatus(cpu);
  return {cpu.a,         cpu.x,        cpu.y,        cpu.sp,       cpu.pc,      (p & 128) != 0,
          (p & 64) != 0, (p & 8) != 0, (p & 4) != 0, (p & 2) != 0, (p & 1) != 0};
}

class EveryOpcode : public testing::TestWithParam<int> {};

TEST_P(EveryOpcode, AsTheTableSays) {
  static const std::vector<Entry> table = parseTable();
  ASSERT_EQ(256u, table.size());
  std::mt19937 random(static_cast<uint32_t>(GetParam()));
  Memory64K initial;
  for (auto& byte : initial.bytes) byte = static_cast<uint8_t>(random());
  for (int round = 0; round < 400; ++round) {
    Memory64K mine = initial;
    CpuState cpu{};
    cpu.a = static_cast<uint8_t>(random());
    cpu.x = static_cast<uint8_t>(random());
    cpu.y = static_cast<uint8_t>(random());
    cpu.sp = static_cast<uint8_t>(random());
    cpu.pc = static_cast<uint16_t>(random());
    unpackStatus(cpu, static_cast<uint8_t>(random()));
    mine.bytes[cpu.pc] = static_cast<uint8_t>(GetParam());
    Memory64K book = mine;
    Registers expected = registersOf(cpu);
    Reference(book, expected).step(table[static_cast<size_t>(GetParam())]);
    PlainCpu<Memory64K>(cpu, mine).step();
    ASSERT_EQ(expected, registersOf(cpu)) << "round " << round;
    ASSERT_EQ(book.time, mine.time) << "round " << round;
    ASSERT_EQ(book.writes, mine.writes) << "round " << round;
    ASSERT_EQ(table[static_cast<size_t>(GetParam())].name == "HLT", cpu.halted == 1);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryOpcode, testing::Range(0, 256), [](const auto& info) {
  std::ostringstream name;
  name << std::hex << "x" << info.param;
  return name.str();
});

}  // namespace
}  // namespace trellis::atari::test
